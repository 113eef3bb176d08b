//! What the load runs ask of an actor: count in memory, count durably, read and write storage, wake,
//! set an alarm, echo messages or send them to all, loop forever.

use dormouse::{
    Actor, AlarmEvent, Connection, Ctx, Message, Request, Response, Result, export_actor,
};

/// Messages that begin so go to every connection.
const TO_ALL: &str = "all:";

struct Counter {
    in_memory: u64,
    durable: u64,
}

impl Actor for Counter {
    fn start(ctx: &Ctx) -> Result<Self> {
        Ok(Counter {
            in_memory: 0,
            durable: ctx.storage().get("count")?.unwrap_or(0),
        })
    }

    fn fetch(&mut self, ctx: &Ctx, request: Request) -> Result<Response> {
        let stored = |key| ctx.storage().get::<u64>(key).map(|n| n.unwrap_or(0));
        let answer = match request.path() {
            "/memory" => {
                self.in_memory += 1;
                self.in_memory.to_string()
            }
            "/durable" => {
                self.durable += 1;
                ctx.storage().put("count", &self.durable)?;
                self.durable.to_string()
            }
            "/read" => stored("count")?.to_string(),
            "/wake" => {
                self.in_memory += 1;
                format!("{} {}", self.in_memory, stored("count")?)
            }
            "/value" if request.method() == "POST" => {
                ctx.storage().put_bytes("value", request.body())?;
                request.body().len().to_string()
            }
            "/value" => {
                let value = ctx.storage().get_bytes("value").unwrap_or_default();
                return Ok(Response::bytes("application/octet-stream", value));
            }
            "/remind" => {
                let due = request.query("at").and_then(|at| at.parse().ok());
                ctx.alarm().set_at_millis(due.unwrap_or(0));
                String::new()
            }
            "/fired" => stored("fired")?.to_string(),
            "/loop" => loop {
                std::hint::black_box(self.in_memory);
            },
            _ => return Ok(Response::not_found()),
        };
        Ok(Response::text(answer))
    }

    fn message(&mut self, ctx: &Ctx, connection: Connection, message: Message) -> Result {
        match message.as_text() {
            Some(text) if text.starts_with(TO_ALL) => {
                ctx.connections().broadcast_text(text);
            }
            _ => {
                connection.send(&message)?;
            }
        }
        Ok(())
    }

    fn alarm(&mut self, ctx: &Ctx, _: AlarmEvent) -> Result {
        ctx.storage().put("fired", &ctx.now_millis())
    }
}

export_actor!(Counter: connect, fetch, message, alarm);
