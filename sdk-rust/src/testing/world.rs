use std::collections::{BTreeMap, BTreeSet};

use super::outside::{Asked, Standing};
use crate::{Message, Outcome, Response};

/// Everything around one actor. What a turn must be able to undo is in `state`; what it sends waits
/// in `outbox` for the end of the turn.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) name: String,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) waking_reason: u32,
    pub(crate) now: u64,
    pub(crate) random: u64,
    last_id: u64,
    pub(crate) state: State,
    pub(crate) outbox: Vec<Effect>,
    pub(crate) timers: BTreeMap<u64, u64>,
    pub(crate) waiting: BTreeSet<u64>,
    pub(crate) answers: BTreeMap<u64, Response>,
    pub(crate) call_answers: BTreeMap<u64, Outcome>,
    pub(crate) deferred_calls: Vec<u64>,
    /// The connection whose `connect` is running and has not decided.
    pub(crate) connecting: Option<u64>,
    /// The open operations: a request to the world outside with its URL.
    pub(crate) operations: BTreeMap<u64, Option<String>>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) deferred: Vec<u64>,
    pub(crate) sent: BTreeMap<u64, Vec<Message>>,
    /// Connections that were closed by the actor and whose close event is still to come.
    pub(crate) closing: Vec<(u64, u16, String)>,
    pub(crate) closed: BTreeMap<u64, (u16, String)>,
    pub(crate) log: Vec<(crate::Level, String)>,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct State {
    pub(crate) entries: BTreeMap<String, Vec<u8>>,
    pub(crate) alarm: Option<Alarm>,
    pub(crate) connections: BTreeMap<u64, Client>,
    /// What became of connections that left in another way than by a close.
    pub(crate) decided: BTreeMap<u64, Standing>,
}

#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    pub(crate) due: u64,
    pub(crate) fires: u64,
    pub(crate) attempt: u32,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Client {
    /// Whether it can be sent to. When not, it waits for its close event.
    pub(crate) open: bool,
    pub(crate) attachment: Option<Vec<u8>>,
    pub(crate) tags: Vec<String>,
    /// Whether it waits for a decision. It can be sent to, and is not listed.
    pub(crate) waits: bool,
    /// Whether this actor opened it. It ends with the instance, and is not listed.
    pub(crate) outgoing: bool,
    pub(crate) auto_response: Option<(String, String)>,
    pub(crate) auto_response_at: Option<u64>,
    pub(crate) offered: Vec<String>,
    pub(crate) protocol: Option<String>,
}

#[derive(Debug)]
pub(crate) enum Effect {
    Send(u64, Message),
    Close(u64, u16, String),
    Answer(u64, Response),
    AnswerCall(u64, Outcome),
    Ask(Asked),
}

pub(crate) enum Due {
    Timer(u64),
    Alarm,
}

impl World {
    pub(crate) fn new(name: &str) -> Self {
        // 2026-01-01T00:00:00Z
        World {
            name: name.to_owned(),
            now: 1_767_225_600_000,
            last_id: 999,
            ..World::default()
        }
    }

    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn open(&mut self, client: Client) -> u64 {
        let id = self.next_id();
        let client = Client {
            open: true,
            ..client
        };
        self.state.connections.insert(id, client);
        id
    }

    /// Ends a connection, which then waits for its close event. False where it was not open.
    pub(crate) fn shut(&mut self, id: u64) -> bool {
        match self.state.connections.get_mut(&id) {
            Some(client) => std::mem::replace(&mut client.open, false),
            None => false,
        }
    }

    /// Whether the host answers the message itself; then it has.
    pub(crate) fn respond_automatically(&mut self, id: u64, message: &Message) -> bool {
        let Some(client) = self.state.connections.get_mut(&id) else {
            return false;
        };
        let Some((request, response)) = &client.auto_response else {
            return false;
        };
        if !client.open || message.as_text() != Some(request) {
            return false;
        }
        client.auto_response_at = Some(self.now);
        let response = Message::from(response.as_str());
        self.sent.entry(id).or_default().push(response);
        true
    }

    pub(crate) fn drop_connection(&mut self, id: u64) {
        self.state.connections.remove(&id);
    }

    pub(crate) fn start_timer(&mut self, delay_millis: u64) -> u64 {
        if self.timers.len() == 1024 {
            return 0;
        }
        let id = self.next_id();
        self.timers
            .insert(id, self.now.saturating_add(delay_millis));
        id
    }

    /// The event that is due first, up to a time.
    pub(crate) fn next_due(&self, end: u64) -> Option<(u64, Due)> {
        let timer = self.timers.iter().map(|(&id, &due)| (due, id)).min();
        let alarm = self.state.alarm.as_ref().map(|alarm| alarm.fires);
        let (due, event) = match (timer, alarm) {
            (Some((due, id)), alarm) if alarm.is_none_or(|fires| due <= fires) => {
                (due, Due::Timer(id))
            }
            (_, Some(fires)) => (fires, Due::Alarm),
            _ => return None,
        };
        (due <= end).then_some((due, event))
    }

    pub(crate) fn commit(&mut self) {
        for effect in std::mem::take(&mut self.outbox) {
            match effect {
                Effect::Send(id, message) => self.sent.entry(id).or_default().push(message),
                Effect::Close(id, code, reason) => {
                    self.closed.insert(id, (code, reason.clone()));
                    self.closing.push((id, code, reason));
                }
                Effect::Answer(id, response) => {
                    self.answers.insert(id, response);
                }
                Effect::AnswerCall(id, outcome) => {
                    self.call_answers.insert(id, outcome);
                }
                Effect::Ask(asked) => self.asked.push(asked),
            }
        }
    }

    /// Undoes a turn. The instance is gone, and its timers with it.
    pub(crate) fn roll_back(&mut self, before: State) {
        self.state = before;
        for effect in std::mem::take(&mut self.outbox) {
            if let Effect::Answer(id, _) | Effect::AnswerCall(id, _) = effect {
                self.waiting.insert(id);
            }
        }
        self.end_instance();
    }

    /// Ends what lives no longer than the instance does.
    pub(crate) fn end_instance(&mut self) {
        self.timers.clear();
        self.operations.clear();
        self.state.connections.retain(|_, client| !client.outgoing);
    }
}
