//! Ready worlds: the one that `make demo` shows, and one with any number of applications.

use crate::argocd::{AppSpec, ArgoCd, Object, Outcome, Timing};

/// Repository of the game services.
pub const GAME_REPO: &str = "https://git.example/game-services.git";
/// Repository of the wallet.
pub const WALLET_REPO: &str = "https://git.example/wallet.git";
/// Repository of the platform team.
pub const PLATFORM_REPO: &str = "https://git.example/platform.git";

/// Short enough to watch, long enough to see each state: a sync of about 8 s, then a rollout of
/// about 8 s.
pub const DEMO_TIMING: Timing = Timing {
    pickup_ms: 1_000,
    sync_ms: 7_000,
    reconcile_ms: 1_000,
    stale_ms: 1_500,
    rollout_ms: 6_500,
    terminate_ms: 1_000,
    auto_sync_ms: 3_000,
    retry_gap_ms: 5_000,
};

const HOUR_MS: i64 = 3_600_000;

/// The annotation that carries the name shown to people. A label could not: label values are ASCII.
pub const DISPLAY_NAME: &str = "example.com/display-name";

/// The newest commit of each repository: one commit is one commit, for all applications that follow
/// it.
fn newest(repo: &str) -> (&'static str, &'static str, i64) {
    match repo {
        WALLET_REPO => {
            ("Mina Kim <mina@example.com>", "wallet: 출금 한도 확인, new deposit page", 2)
        }
        GAME_REPO => ("Sora Lee <sora@example.com>", "gamedosi: 이벤트 배너와 스위치", 5),
        _ => ("Jun Park <jun@example.com>", "portal: banner from a ConfigMap", 8),
    }
}

fn app(argo: &ArgoCd, name: &str, repo: &str, env: &str, display: &str) -> AppSpec {
    let (author, message, hours) = newest(repo);
    AppSpec::new(name)
        .repo(repo)
        .path(&format!("charts/{name}"))
        .env(env)
        .project("services")
        .annotation(DISPLAY_NAME, display)
        .deployed(argo.now_ms() - 72 * HOUR_MS)
        .commit(author, message, argo.now_ms() - hours * HOUR_MS)
}

/// Seeds twelve applications in three repositories:
///
/// - wallet: `wallet-api`, `wallet-web`, `wallet-batch` (a cron job), `wallet-api-stage`
/// - game-services: `gamedosi-web`, `gamedosi-api`, `matchmaking` (ends Degraded when deployed),
///   `ranking` (Synced), `gamedosi-web-stage`
/// - platform: `portal` (adds and removes objects too), `notice` (chart not updated), `edge-proxy`
///   (automated)
pub fn seed(argo: &ArgoCd) {
    argo.timing(DEMO_TIMING);
    let app =
        |name: &str, repo: &str, env: &str, display: &str| app(argo, name, repo, env, display);
    argo.add(
        app("wallet-api", WALLET_REPO, "production", "지갑 API")
            .image("wallet-api", "1.4.2", "1.5.0")
            .same(Object::new("Service", "wallet-api").data("port", "8080")),
    );
    argo.add(
        app("wallet-web", WALLET_REPO, "production", "지갑 웹")
            .image("wallet-web", "2.0.1", "2.1.0")
            .same(Object::new("Service", "wallet-web").data("port", "80")),
    );
    argo.add(app("wallet-batch", WALLET_REPO, "production", "지갑 정산").workload(
        "CronJob",
        "wallet-batch",
        "wallet-batch",
        "0.9.0",
        "0.9.1",
    ));
    argo.add(app("wallet-api-stage", WALLET_REPO, "stage", "지갑 API (스테이지)").image(
        "wallet-api",
        "1.5.0",
        "1.6.0-rc.1",
    ));
    argo.add(
        app("gamedosi-web", GAME_REPO, "production", "게임도시 웹")
            .image("gamedosi-web", "3.2.0", "3.3.0")
            .same(Object::new("Ingress", "gamedosi-web").data("host", "game.example")),
    );
    argo.add(
        app("gamedosi-api", GAME_REPO, "production", "게임도시 API")
            .image("gamedosi-api", "3.2.0", "3.3.0")
            .changed(
                Object::new("ConfigMap", "gamedosi-api").data("event", "off"),
                Object::new("ConfigMap", "gamedosi-api").data("event", "on"),
            ),
    );
    argo.add(
        app("matchmaking", GAME_REPO, "production", "매치메이킹")
            .image("matchmaking", "0.7.3", "0.8.0")
            .outcome(Outcome::Degrades),
    );
    argo.add(app("ranking", GAME_REPO, "production", "랭킹").image("ranking", "1.1.0", "1.1.0"));
    argo.add(app("gamedosi-web-stage", GAME_REPO, "stage", "게임도시 웹 (스테이지)").image(
        "gamedosi-web",
        "3.3.0",
        "3.4.0-rc.2",
    ));
    argo.add(
        app("portal", PLATFORM_REPO, "production", "포털")
            .image("portal", "5.0.0", "5.1.0")
            .added(Object::new("ConfigMap", "portal-banner").data("text", "hello"))
            .pruned(Object::new("ConfigMap", "portal-old-banner").data("text", "bye")),
    );
    argo.add(
        app("notice", PLATFORM_REPO, "production", "공지")
            .image("notice", "1.0.4", "1.0.5")
            .chart_not_updated(),
    );
    argo.add(
        app("edge-proxy", PLATFORM_REPO, "production", "엣지 프록시")
            .image("edge-proxy", "1.27.0", "1.27.0")
            .automated(),
    );
}

/// Adds `count` applications `app-0001`, …, ten to a repository, every second one out of sync, each
/// deployed an hour before the one in front of it.
pub fn many(argo: &ArgoCd, count: usize) {
    for number in 1..=count {
        let name = format!("app-{number:04}");
        let target = if number % 2 == 0 { "1.0.0" } else { "1.1.0" };
        let env = if number % 3 == 0 { "stage" } else { "production" };
        argo.add(
            AppSpec::new(&name)
                .repo(&format!("https://git.example/repo-{:03}.git", number / 10))
                .env(env)
                .deployed(argo.now_ms() - i64::try_from(number).unwrap_or(0) * HOUR_MS)
                .image(&name, "1.0.0", target),
        );
    }
}
