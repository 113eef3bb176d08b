//! The actor.

use crate::{
    Admission, AlarmEvent, Answer, Call, CloseEvent, ConnectRequest, Connection, Ctx, Message,
    Operation, Outcome, Request, Response, Result,
};

/// A durable actor. Implement the handlers that the actor needs, and name them in
/// [`export_actor!`](crate::export_actor!).
///
/// Every handler runs alone: no other event of the same actor begins before it returns. When it
/// returns `Err` or panics, its turn is thrown away, this value is dropped, and the next event
/// starts a new one from storage.
pub trait Actor: Sized + 'static {
    /// Makes the actor, once in an instance's life, in the turn of its first event and before it.
    /// Read from [`Ctx::storage`] what the actor wants to have at hand.
    fn start(ctx: &Ctx) -> Result<Self>;

    /// A client opens a WebSocket. What is sent to the connection here reaches the client
    /// first. Accepts everyone by default.
    fn connect(
        &mut self,
        ctx: &Ctx,
        connection: Connection,
        request: ConnectRequest,
    ) -> Result<Admission> {
        let _ = (ctx, connection, request);
        Ok(Admission::Accept)
    }

    /// A client sent a message.
    fn message(&mut self, ctx: &Ctx, connection: Connection, message: Message) -> Result {
        let _ = (ctx, connection, message);
        Ok(())
    }

    /// A connection is gone, by whichever side. It is no longer among [`Ctx::connections`]; its
    /// attachment and tags can be read for the last time.
    fn close(&mut self, ctx: &Ctx, connection: Connection, event: CloseEvent) -> Result {
        let _ = (ctx, connection, event);
        Ok(())
    }

    /// An HTTP request. Return the response, or [`Response::later`] to give it in a later turn with
    /// [`RequestId::respond`](crate::RequestId::respond).
    fn fetch(&mut self, ctx: &Ctx, request: Request) -> Result<Response> {
        let _ = (ctx, request);
        Ok(Response::not_found())
    }

    /// Another actor calls. Return the answer, or [`Answer::later`] to give it in a later turn with
    /// [`CallId::respond`](crate::CallId::respond). An [`Answer::error`] is an answer, too; an `Err`
    /// throws the turn away, and the caller gets `actor_trapped`.
    fn call(&mut self, ctx: &Ctx, call: Call) -> Result<Answer> {
        let _ = (ctx, call);
        Ok(Answer::error("no_handler: this actor answers no calls"))
    }

    /// The alarm is due. It is cleared when this returns `Ok`, unless it was set again; when the
    /// turn fails, it is tried again later.
    fn alarm(&mut self, ctx: &Ctx, event: AlarmEvent) -> Result {
        let _ = (ctx, event);
        Ok(())
    }

    /// An asynchronous operation has ended: a timer, or what was asked of another actor or of the
    /// world outside. [`Outcome`] says how to read what it brought.
    fn complete(&mut self, ctx: &Ctx, operation: Operation, outcome: Outcome) -> Result {
        let _ = (ctx, operation, outcome);
        Ok(())
    }
}
