//! How every call is made: with a ticket, and once more with a new one when the session is over (ARGO-2).

use std::time::Duration;

use wilco_core::answer::Trouble;
use wilco_core::call::Operation;
use wilco_core::port::{OperationFault, Permit};
use wilco_core::target::Target;
use wilco_core::time::Timestamp;

use super::super::error::Refusal;
use super::super::session::Ticket;
use super::super::wire::App;
use super::{Instance, WriteError};
use crate::http::{Reply, Request, Stream, WriteFault};

impl Instance {
    /// Asks, signing in again once when the session is over (ARGO-2).
    pub(in super::super) async fn read(&self, request: &Request) -> Result<Reply, Trouble> {
        let ticket = self.session.ticket(&self.http).await?;
        let reply = self.http.read(request, Some(&ticket.token)).await?;
        if reply.status() != 401 {
            return Ok(reply);
        }
        let ticket = self.session.renewed(&self.http, &ticket).await?;
        let reply = self.http.read(request, Some(&ticket.token)).await?;
        self.still_401(&ticket, reply).await
    }

    /// Whether it shall be listened to.
    pub(in super::super) fn streams(&self) -> bool {
        self.streams
    }

    /// A look showed this: its stream is listened to for more, where it is listened to at all.
    pub(in super::super) fn looked(&self, app: &App, operation: &Operation, now: Timestamp) {
        if self.streams {
            self.followed.looked(app, operation, now);
        }
    }

    /// Opens an answer without an end, signing in again once when the session is over.
    pub(in super::super) async fn open_stream(
        &self,
        request: &Request,
        idle: Duration,
    ) -> Result<Stream, Trouble> {
        let ticket = self.session.ticket(&self.http).await?;
        let reply = match self.http.open(request, Some(&ticket.token), idle).await? {
            Ok(stream) => return Ok(stream),
            Err(reply) => reply,
        };
        if reply.status() != 401 {
            return Err(Refusal::of(&reply).into_trouble());
        }
        let ticket = self.session.renewed(&self.http, &ticket).await?;
        // A proxy may let everything through but this. The session is none the worse for it: calls tell.
        match self.http.open(request, Some(&ticket.token), idle).await? {
            Ok(stream) => Ok(stream),
            Err(reply) if reply.status() == 401 => Err(reply.trouble()),
            Err(reply) => Err(Refusal::of(&reply).into_trouble()),
        }
    }

    /// Writes. A 401 comes before anything is done, so the write may be sent once more.
    pub(super) async fn write(
        &self,
        target: &Target,
        request: &Request,
        permit: &Permit,
    ) -> Result<Reply, WriteError> {
        let refused =
            |trouble| WriteError::Fault(OperationFault::Refused(self.about(target, trouble)));
        let fault = |fault| {
            WriteError::Fault(match fault {
                WriteFault::PermitOver => OperationFault::PermitOver,
                WriteFault::NotSent(t) => OperationFault::Refused(self.about(target, t)),
                WriteFault::Unclear(t) => OperationFault::Unclear(self.about(target, t)),
            })
        };
        let ticket = self.session.ticket(&self.http).await.map_err(refused)?;
        let mut reply =
            self.http.write(request, Some(&ticket.token), permit).await.map_err(fault)?;
        if reply.status() == 401 {
            let ticket = self.session.renewed(&self.http, &ticket).await.map_err(refused)?;
            reply = self.http.write(request, Some(&ticket.token), permit).await.map_err(fault)?;
            reply = self.still_401(&ticket, reply).await.map_err(refused)?;
        }
        if reply.is_success() {
            return Ok(reply);
        }
        Err(match Refusal::of(&reply) {
            // The middle of the tool or a proxy failed: whether the write came through, nobody knows.
            Refusal::NotArgo(t) => {
                WriteError::Fault(OperationFault::Unclear(self.about(target, t)))
            }
            refusal => WriteError::Refused(refusal),
        })
    }

    async fn still_401(&self, ticket: &Ticket, reply: Reply) -> Result<Reply, Trouble> {
        if reply.status() != 401 {
            return Ok(reply);
        }
        let trouble = reply.trouble();
        self.session.give_up(ticket, &trouble).await;
        Err(trouble)
    }
}
