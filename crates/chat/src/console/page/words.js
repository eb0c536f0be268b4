// What the page itself says, in both languages. What the bot says comes from the bot.

const WORDS = {
  en: {
    rooms: "Rooms",
    direct: "Direct messages",
    open_rooms: "Show rooms",
    messages: "Messages",
    demo: "demo",
    speak_as: "Speak as",
    you: "you",
    tip: "An approval takes a second person: switch at the top right.",
    lost: "Connection lost. Trying again…",
    newer: "New messages ↓",
    send: "Send",
    thread: "Thread",
    close_thread: "Close thread",
    write: "Message {room}",
    write_hint: "Message {room}: try help or 헬프",
    reply: "Reply in this thread",
    one_reply: "1 reply",
    replies: "{n} replies",
    last_reply: "last {time}",
    calls_you: "calls you",
    more: "More",
    save: "Save as a file",
    less: "Less",
    app: "BOT",
    today: "Today",
    sending: "sending…",
    not_sent: "Not sent.",
    retry: "Try again",
    choose: "Choose",
    choose_n: "Choose {n}",
    choose_one: "Choose one of {n}",
    choose_several: "Choose one or more",
    welcome: "This is {room}",
    welcome_direct: "Just you and Wilco",
    hint_before: "Type ",
    hint_or: " or ",
    hint_after: " here.",
    hint_more: "Wilco answers in a thread, and reads everything back before it does anything.",
    hint_second: "Production takes the approval of a second person: switch who you are at the top right.",
    hint_notice: "Wilco announces here what it does. Ask for it in {room}.",
    unread: "{n} unread",
    too_long: "A message holds at most {max} characters.",
    store: "The message could not be stored. Try again.",
    offline: "Wilco does not answer. Try again.",
    failed: "That did not work ({code}).",
    language: "한국어",
    direct_about: "Everything here is said to Wilco, in private.",
  },
  ko: {
    rooms: "대화방",
    direct: "개인 메시지",
    open_rooms: "대화방 보기",
    messages: "메시지",
    demo: "데모",
    speak_as: "말하는 사람",
    you: "나",
    tip: "승인은 다른 사람이 해야 합니다. 오른쪽 위에서 사람을 바꾸세요.",
    lost: "연결이 끊겼습니다. 다시 연결하는 중…",
    newer: "새 메시지 ↓",
    send: "보내기",
    thread: "스레드",
    close_thread: "스레드 닫기",
    write: "{room}에 메시지 쓰기",
    write_hint: "{room}에 메시지 쓰기: 헬프 또는 help",
    reply: "이 스레드에 답글 쓰기",
    one_reply: "답글 1개",
    replies: "답글 {n}개",
    last_reply: "마지막 {time}",
    calls_you: "나를 부름",
    more: "더 보기",
    save: "파일로 저장",
    less: "접기",
    app: "봇",
    today: "오늘",
    sending: "보내는 중…",
    not_sent: "보내지 못했습니다.",
    retry: "다시 시도",
    choose: "선택",
    choose_n: "{n}개 선택",
    choose_one: "{n}개 중에서 하나 고르기",
    choose_several: "하나 이상 고르기",
    welcome: "{room} 대화방",
    welcome_direct: "Wilco와 둘만의 대화",
    hint_before: "여기에 ",
    hint_or: " 또는 ",
    hint_after: "라고 입력해 보세요.",
    hint_more: "Wilco가 스레드에서 답하고, 무엇이든 실행하기 전에 먼저 확인합니다.",
    hint_second: "운영 배포는 다른 사람의 승인이 필요합니다. 오른쪽 위에서 사람을 바꿔 승인해 보세요.",
    hint_notice: "Wilco가 하는 일을 이곳에 알립니다. 요청은 {room}에서 하세요.",
    unread: "안 읽음 {n}개",
    too_long: "메시지는 최대 {max}자입니다.",
    store: "메시지를 저장하지 못했습니다. 다시 시도해 주세요.",
    offline: "Wilco가 응답하지 않습니다. 다시 시도해 주세요.",
    failed: "처리하지 못했습니다 ({code}).",
    language: "English",
    direct_about: "여기서 하는 말은 모두 Wilco에게만 전해집니다.",
  },
};

const KEY = "wilco.language";
let language = localStorage.getItem(KEY) ?? (navigator.language.startsWith("ko") ? "ko" : "en");

export const currentLanguage = () => language;

export function toggleLanguage() {
  language = language === "ko" ? "en" : "ko";
  localStorage.setItem(KEY, language);
}

export function say(name, values = {}, inLanguage = language) {
  const words = WORDS[inLanguage][name] ?? name;
  return words.replace(/\{(\w+)\}/g, (_, value) => values[value] ?? "");
}

/** Whether there are words for a code that the server answered. */
export const hasWords = (name) => name in WORDS.en;

/** Puts words into everything that names them. */
export function sayAll(root) {
  document.documentElement.lang = language;
  for (const element of root.querySelectorAll("[data-say]")) {
    element.textContent = say(element.dataset.say);
  }
  for (const element of root.querySelectorAll("[data-say-label]")) {
    element.setAttribute("aria-label", say(element.dataset.sayLabel));
  }
}

export const timeOf = (at) =>
  new Date(at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function dayOf(at) {
  const day = new Date(at);
  if (day.toDateString() === new Date().toDateString()) return say("today");
  return day.toLocaleDateString(language, { weekday: "long", month: "long", day: "numeric" });
}
