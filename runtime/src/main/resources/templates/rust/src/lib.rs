//! Every name under /{{name}}/ is an actor of its own: it counts its visits, and tells everyone who
//! listens on a WebSocket.
//!
//!     curl http://127.0.0.1:8787/{{name}}/mouse            how many visits
//!     curl -X POST http://127.0.0.1:8787/{{name}}/mouse    one more

use dormouse::{Actor, Connection, Ctx, Message, Request, Response, Result, export_actor, info};

struct App {
    visits: u64,
}

impl Actor for App {
    /// Runs when the actor wakes. Fields live while it is awake; storage lives on.
    fn start(ctx: &Ctx) -> Result<Self> {
        Ok(App {
            visits: ctx.storage().get("visits")?.unwrap_or(0),
        })
    }

    fn fetch(&mut self, ctx: &Ctx, request: Request) -> Result<Response> {
        if request.method() == "POST" {
            self.visits += 1;
            ctx.storage().put("visits", &self.visits)?;
            ctx.connections()
                .broadcast_text(&format!("visit {}", self.visits));
            info!("visit {}", self.visits);
        }
        Ok(Response::text(format!(
            "{} has had {} visits\n",
            ctx.name(),
            self.visits
        )))
    }

    fn message(&mut self, _: &Ctx, connection: Connection, message: Message) -> Result {
        connection.send(&message)?;
        Ok(())
    }
}

// Name the handlers that the actor has: connect, message, close, fetch, alarm, complete.
export_actor!(App: connect, message, fetch);

#[cfg(test)]
mod tests {
    use super::*;
    use dormouse::testing::TestHost;

    #[test]
    fn visits_are_counted_and_kept() {
        let mut host = TestHost::<App>::new("mouse");
        let listener = host.connect("/").unwrap();
        host.fetch(Request::post("/", b"")).unwrap();
        assert_eq!(host.received_texts(listener), ["visit 1"]);
        host.sleep();
        let answer = host.fetch(Request::get("/")).unwrap();
        assert_eq!(answer.text_body(), "mouse has had 1 visits\n");
    }
}
