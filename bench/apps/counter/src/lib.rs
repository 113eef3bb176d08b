//! What the load runs ask of an actor: count in memory, count durably, read storage, loop forever.

use dormouse::{Actor, Ctx, Request, Response, Result, export_actor};

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
        let count = match request.path() {
            "/memory" => {
                self.in_memory += 1;
                self.in_memory
            }
            "/durable" => {
                self.durable += 1;
                ctx.storage().put("count", &self.durable)?;
                self.durable
            }
            "/read" => ctx.storage().get("count")?.unwrap_or(0),
            "/loop" => loop {
                std::hint::black_box(self.in_memory);
            },
            _ => return Ok(Response::not_found()),
        };
        Ok(Response::text(count.to_string()))
    }
}

export_actor!(Counter: fetch);
