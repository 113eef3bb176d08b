//! What the actor asks of others, and they of it. The test stands in for all of them.

use super::{Failed, TestHost, world};
use crate::cbor::Encoder;
use crate::rpc::CallId;
use crate::{
    Actor, Answer, Call, ConnectRequest, Connection, Operation, Outcome, Redirects, Request,
    Response, WakingReason,
};

/// Something that the actor asked for, and that the test answers; see [`TestHost::asked`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What to answer it by.
    pub operation: Operation,
    /// Whom.
    pub to: To,
    /// For what.
    pub what: What,
}

/// Whom the actor asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// Another actor.
    Actor {
        /// Its namespace, where it is another one.
        namespace: Option<String>,
        /// Its name.
        name: String,
    },
    /// The world outside.
    Web {
        /// What to do with redirects.
        redirects: Redirects,
    },
}

/// What the actor asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An HTTP request, to be answered with [`TestHost::reply`].
    Fetch(Request),
    /// A call with these bytes, to be answered with [`TestHost::complete`].
    Call(Vec<u8>),
    /// A connection, to be opened with [`TestHost::open`] or refused with [`TestHost::reply`]. The
    /// sub-protocols offered to the world outside are the header `sec-websocket-protocol`.
    Connect(ConnectRequest),
}

/// What has become of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// [`Admission::Defer`](crate::Admission::Defer) lets the client wait.
    Waiting,
    /// It is open.
    Open {
        /// With this sub-protocol.
        protocol: Option<String>,
    },
    /// It was refused with this answer.
    Refused(Response),
    /// It was refused.
    Rejected {
        /// The HTTP status in place of the upgrade.
        status: u16,
        /// The sentence for the client.
        message: String,
    },
    /// It was joined to another one.
    Spliced(Connection),
    /// It was closed, or never opened.
    Gone,
}

impl<A: Actor> TestHost<A> {
    /// Another actor calls. For an answer that comes later, see [`TestHost::call_answer`].
    pub fn call(&mut self, payload: &[u8]) -> Result<Answer, Failed> {
        let id = self.world.next_id();
        self.world.waiting.insert(id);
        let call = Call::received(CallId::new(id), payload.to_vec());
        let result = self.turn(WakingReason::Call, |actor, ctx| {
            let answer = actor.call(ctx, call)?;
            match answer.is_later() {
                true => Ok(()),
                false => CallId::new(id).respond(&answer),
            }
        });
        if let Err(failed) = result {
            self.world.waiting.remove(&id);
            return Err(failed);
        }
        Ok(match self.world.call_answers.remove(&id) {
            Some(outcome) => Answer::from(outcome),
            None => {
                self.world.deferred_calls.push(id);
                Answer::later()
            }
        })
    }

    /// The answer to the oldest call that was not answered at once, when it is there.
    pub fn call_answer(&mut self) -> Option<Outcome> {
        let id = *self.world.deferred_calls.first()?;
        let outcome = self.world.call_answers.remove(&id)?;
        self.world.deferred_calls.remove(0);
        Some(outcome)
    }

    /// What the actor has asked of others since this was last called, in order.
    pub fn asked(&mut self) -> Vec<Asked> {
        std::mem::take(&mut self.world.asked)
    }

    /// Whether an operation waits for its outcome: it does not when it has one, was cancelled, or
    /// its instance is gone.
    pub fn is_asking(&self, operation: Operation) -> bool {
        self.world.operations.contains_key(&operation.id())
    }

    /// Ends an operation with the answer to a call, or with an error such as `timeout: too late`.
    ///
    /// # Panics
    /// Where the operation does not wait; see [`TestHost::is_asking`].
    pub fn complete(&mut self, operation: Operation, outcome: Outcome) -> Result<(), Failed> {
        assert!(
            self.world.operations.remove(&operation.id()).is_some(),
            "the actor does not wait for this operation"
        );
        self.turn(WakingReason::Complete, |actor, ctx| {
            actor.complete(ctx, operation, outcome)
        })
    }

    /// Answers a request, or refuses a connection.
    ///
    /// # Panics
    /// As [`TestHost::complete`].
    pub fn reply(&mut self, operation: Operation, response: &Response) -> Result<(), Failed> {
        let url = self.world.operations.get(&operation.id()).cloned();
        let mut cbor = Encoder::new();
        let url = url.flatten();
        cbor.array(if url.is_some() { 4 } else { 3 });
        cbor.unsigned(response.status().into());
        cbor.value(response.headers());
        cbor.bytes(response.body());
        if let Some(url) = url {
            cbor.text(&url);
        }
        self.complete(operation, Ok(cbor.into_bytes()))
    }

    /// Opens a connection that the actor asked for, and answers the actor's end of it: what the
    /// actor sends there is [`TestHost::received`], what it gets comes by [`TestHost::message`].
    ///
    /// # Panics
    /// As [`TestHost::complete`].
    pub fn open(
        &mut self,
        operation: Operation,
        protocol: Option<&str>,
    ) -> Result<Connection, Failed> {
        let id = self.world.open(world::Client {
            outgoing: true,
            protocol: protocol.map(str::to_owned),
            ..world::Client::default()
        });
        let mut cbor = Encoder::new();
        cbor.array(2);
        cbor.unsigned(id);
        cbor.value(&protocol);
        self.complete(operation, Ok(cbor.into_bytes()))?;
        Ok(Connection::from_id(id))
    }

    /// What has become of a connection.
    pub fn standing(&self, connection: Connection) -> Standing {
        let state = &self.world.state;
        match (
            state.decided.get(&connection.id()),
            state.connections.get(&connection.id()),
        ) {
            (Some(decided), _) => decided.clone(),
            (None, Some(client)) if client.waits => Standing::Waiting,
            (None, Some(client)) if client.open => Standing::Open {
                protocol: client.protocol.clone(),
            },
            _ => Standing::Gone,
        }
    }
}

/// The imports of the contract that have to do with others.
pub(crate) mod imports {
    use super::super::imports::{INVALID, NOT_FOUND, OK, actors_id_of, world};
    use super::super::world::{Effect, World};
    use super::{Asked, Standing, To, What};
    use crate::http::RequestId;
    use crate::{ConnectRequest, Connection, Operation, Outcome, Redirects, Request, Response};

    const MAX_OPERATIONS: usize = 256;

    pub(crate) fn connection_defer(connection: u64) -> u32 {
        world(|world| {
            if world.connecting.take_if(|id| *id == connection).is_none() {
                return NOT_FOUND;
            }
            if let Some(client) = world.state.connections.get_mut(&connection) {
                client.waits = true;
            }
            OK
        })
    }

    /// Whether the connection waits for a decision; from now on it does no more.
    fn decide(world: &mut World, connection: u64) -> bool {
        let connecting = world.connecting.take_if(|id| *id == connection).is_some();
        let client = world.state.connections.get_mut(&connection);
        client.is_some_and(|client| std::mem::take(&mut client.waits)) || connecting
    }

    pub(crate) fn connection_accept(connection: u64, protocol: Option<&str>) -> u32 {
        world(|world| {
            let Some(client) = world.state.connections.get(&connection) else {
                return NOT_FOUND;
            };
            let offered = |name: &str| client.offered.iter().any(|offer| offer == name);
            if protocol.is_some_and(|name| !offered(name)) {
                return INVALID;
            }
            if !decide(world, connection) {
                return NOT_FOUND;
            }
            if let Some(client) = world.state.connections.get_mut(&connection) {
                client.protocol = protocol.map(str::to_owned);
            }
            OK
        })
    }

    pub(crate) fn connection_reject(connection: u64, status: u16, message: &str) -> u32 {
        if !(400..=599).contains(&status) {
            return INVALID;
        }
        world(|world| {
            if !decide(world, connection) {
                return NOT_FOUND;
            }
            let message = message.to_owned();
            leave(world, connection, Standing::Rejected { status, message });
            OK
        })
    }

    pub(crate) fn connection_refuse(
        connection: u64,
        status: u16,
        headers: &[(String, String)],
        body: &[u8],
    ) -> u32 {
        if !(200..=599).contains(&status) {
            return INVALID;
        }
        world(|world| {
            if !decide(world, connection) {
                return NOT_FOUND;
            }
            let answer = Response::received(status, headers.to_vec(), body.to_vec(), None);
            leave(world, connection, Standing::Refused(answer));
            OK
        })
    }

    pub(crate) fn connection_splice(a: u64, b: u64) -> u32 {
        world(|world| {
            let end = |id| world.state.connections.get(&id).filter(|end| end.open);
            let (Some(one), Some(other)) = (end(a), end(b)) else {
                return NOT_FOUND;
            };
            if a == b || !(one.outgoing || other.outgoing) {
                return INVALID;
            }
            decide(world, a);
            decide(world, b);
            leave(world, a, Standing::Spliced(Connection::from_id(b)));
            leave(world, b, Standing::Spliced(Connection::from_id(a)));
            OK
        })
    }

    /// The connection is gone from the actor without a close event.
    fn leave(world: &mut World, connection: u64, standing: Standing) {
        world.drop_connection(connection);
        world.state.decided.insert(connection, standing);
    }

    pub(crate) fn rpc_respond(request: u64, outcome: &Outcome) -> u32 {
        world(|world| {
            if !world.waiting.remove(&request) {
                return NOT_FOUND;
            }
            let effect = Effect::AnswerCall(request, outcome.clone());
            world.outbox.push(effect);
            OK
        })
    }

    fn ask(to: To, what: What) -> u64 {
        world(|world| {
            if world.operations.len() == MAX_OPERATIONS {
                return 0;
            }
            let url = match (&to, &what) {
                (To::Web { .. }, What::Fetch(request)) => Some(request.url().to_owned()),
                _ => None,
            };
            let id = world.next_id();
            world.operations.insert(id, url);
            let operation = Operation::new(id);
            world.outbox.push(Effect::Ask(Asked {
                operation,
                to,
                what,
            }));
            id
        })
    }

    fn to(namespace: Option<&str>, name: &str) -> To {
        To::Actor {
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        }
    }

    fn request(method: &str, url: &str, headers: &[(String, String)], body: &[u8]) -> What {
        What::Fetch(Request::received(
            RequestId::new(0),
            method.to_owned(),
            url.to_owned(),
            headers.to_vec(),
            body.to_vec(),
        ))
    }

    fn handshake(url: &str, headers: &[(String, String)]) -> ConnectRequest {
        ConnectRequest {
            url: url.to_owned(),
            headers: headers.to_vec(),
        }
    }

    pub(crate) fn actors_fetch(
        namespace: Option<&str>,
        actor: &str,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> u64 {
        ask(to(namespace, actor), request(method, url, headers, body))
    }

    pub(crate) fn actors_call(namespace: Option<&str>, actor: &str, payload: &[u8]) -> u64 {
        ask(to(namespace, actor), What::Call(payload.to_vec()))
    }

    pub(crate) fn actors_connect(
        namespace: Option<&str>,
        actor: &str,
        url: &str,
        headers: &[(String, String)],
    ) -> u64 {
        ask(to(namespace, actor), What::Connect(handshake(url, headers)))
    }

    pub(crate) fn actors_cancel(operation: u64) -> bool {
        world(|world| {
            let fresh = |effect: &Effect| matches!(effect, Effect::Ask(asked) if asked.operation.id() == operation);
            world.outbox.retain(|effect| !fresh(effect));
            world.timers.remove(&operation).is_some()
                || world.operations.remove(&operation).is_some()
        })
    }

    /// This actor's own name, and none else: no other actor exists here.
    pub(crate) fn actors_name_of(id: &str) -> Option<String> {
        let name = world(|world| world.name.clone());
        (actors_id_of(&name) == id).then_some(name)
    }

    pub(crate) fn web_fetch(
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: &[u8],
        redirect: u32,
    ) -> u64 {
        let redirects = match redirect {
            0 => Redirects::Follow,
            1 => Redirects::Manual,
            _ => Redirects::Fail,
        };
        ask(To::Web { redirects }, request(method, url, headers, body))
    }

    pub(crate) fn web_connect(url: &str, protocols: &[&str], headers: &[(String, String)]) -> u64 {
        let mut request = handshake(url, headers);
        if !protocols.is_empty() {
            request = request.with_header("sec-websocket-protocol", &protocols.join(", "));
        }
        let redirects = Redirects::Follow;
        ask(To::Web { redirects }, What::Connect(request))
    }

    /// The tests' program is no module.
    pub(crate) fn app_section(_: &str) -> Option<Vec<u8>> {
        None
    }

    pub(crate) fn app_role() -> u32 {
        0
    }

    pub(crate) fn app_memory_limit() -> u64 {
        128 << 20
    }
}
