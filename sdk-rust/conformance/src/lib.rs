//! Uses everything that the SDK offers, and checks what it gets. The unit tests run it in
//! `dormouse::testing`, and the server's tests run it as a module: so both hosts are held to the
//! same behaviour.

use std::time::Duration;

use dormouse::{
    Actor, Admission, AlarmEvent, CloseEvent, ConnectRequest, Connection, Ctx, Error, ListOptions,
    Message, Operation, Request, RequestId, Response, Result, WakingReason, cbor_struct,
    export_actor, json, warn,
};

cbor_struct! {
    #[derive(Debug, PartialEq)]
    struct Guest {
        name: String,
        visits: Option<u32>,
    }
}

struct Probe {
    waiting: Vec<(Operation, RequestId)>,
}

impl Actor for Probe {
    fn start(ctx: &Ctx) -> Result<Self> {
        let starts: u32 = ctx.storage().get("starts")?.unwrap_or(0);
        ctx.storage().put("starts", &(starts + 1))?;
        Ok(Probe {
            waiting: Vec::new(),
        })
    }

    fn connect(
        &mut self,
        ctx: &Ctx,
        connection: Connection,
        request: ConnectRequest,
    ) -> Result<Admission> {
        if request.path() == "/reject" {
            return Ok(Admission::reject(403, "not you"));
        }
        let tag = request.query("tag").unwrap_or_default();
        let guest = Guest {
            name: tag.clone(),
            visits: None,
        };
        assert_eq!(connection.attachment::<Guest>()?, None);
        assert!(connection.set_attachment(&guest)?);
        assert!(connection.set_tags(&[tag.as_str(), "all"])?);
        assert_eq!(connection.tags(), [tag.as_str(), "all"]);
        assert_eq!(
            connection.set_tags(&["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]),
            Err(Error::TooMany)
        );
        assert_eq!(
            connection.set_tags(&["x".repeat(257)]),
            Err(Error::ValueTooLarge)
        );
        assert_eq!(
            connection.set_attachment(&vec![0u8; 16 * 1024]),
            Err(Error::ValueTooLarge)
        );
        let among = ctx.connections().tagged(&tag).list().contains(&connection);
        connection.send_text(&format!("welcome {tag}, among {among}"))?;
        Ok(Admission::Accept)
    }

    fn message(&mut self, ctx: &Ctx, connection: Connection, message: Message) -> Result {
        let text = match &message {
            Message::Bytes(_) => {
                connection.send(&message)?;
                return Ok(());
            }
            Message::Text(text) => text.as_str(),
        };
        let all = ctx.connections();
        match text.split_once(' ').unwrap_or((text, "")) {
            ("who", _) => {
                let mut guest: Guest = connection.attachment()?.ok_or(Error::NotFound)?;
                guest.visits = Some(guest.visits.unwrap_or(0) + 1);
                connection.set_attachment(&guest)?;
                connection.send_text(&format!("{guest:?}"))?;
            }
            ("count", tag) => {
                let count = all.tagged(tag).count();
                connection.send_text(&format!("{count} of {}", all.count()))?;
            }
            ("tell", tag) => {
                let told = all.tagged(tag).broadcast_text("told");
                let bytes = all.broadcast_bytes(&[1, 2, 3]);
                connection.send_text(&format!("{told}, {bytes}"))?;
            }
            ("bye", reason) => {
                assert_eq!(connection.close(1001, ""), Err(Error::Invalid));
                assert!(connection.close(4001, reason)?);
            }
            ("gone", id) => {
                let gone = Connection::from_id(id.parse()?);
                assert_eq!(gone.send_text("x"), Ok(false));
                assert_eq!(gone.close(1000, ""), Ok(false));
                connection.send_text("gone")?;
            }
            ("id", _) => {
                connection.send_text(&connection.id().to_string())?;
            }
            _ => {
                connection.send_text(text)?;
            }
        }
        Ok(())
    }

    fn close(&mut self, ctx: &Ctx, connection: Connection, event: CloseEvent) -> Result {
        // It can no longer be reached, but still be recognised.
        assert!(!ctx.connections().list().contains(&connection));
        assert_eq!(connection.send_text("x"), Ok(false));
        let guest: Option<Guest> = connection.attachment()?;
        assert_eq!(
            guest.map(|guest| guest.name),
            connection.tags().first().cloned()
        );
        ctx.storage()
            .put("closed", &(u32::from(event.code), event.reason))
    }

    fn fetch(&mut self, ctx: &Ctx, request: Request) -> Result<Response> {
        match request.path() {
            "/check" => {
                check_storage(ctx)?;
                check_alarm(ctx);
                check_world(ctx)?;
                Ok(Response::json(&json!({
                    "name": ctx.name(),
                    "id": ctx.identity().id(),
                    "namespace": ctx.identity().namespace(),
                    "now": ctx.now_millis(),
                })))
            }
            "/echo" => {
                let mut response = Response::bytes("application/octet-stream", request.body())
                    .with_status(201)
                    .with_header("x-method", request.method())
                    .with_header("x-url", request.url());
                if let Some(value) = request.header("x-probe") {
                    response = response.with_header("x-probe", value);
                }
                Ok(response)
            }
            "/later" => {
                let operation = ctx.timer().start(Duration::from_millis(20))?;
                self.waiting.push((operation, request.id()));
                Ok(Response::later())
            }
            "/panic" => {
                ctx.storage().put("lost", &true)?;
                warn!("this line stays");
                panic!("as asked");
            }
            "/fail" => {
                ctx.storage().put("lost", &true)?;
                Err(Error::other("as asked"))
            }
            "/alarm" => {
                ctx.alarm().set_in(Duration::from_millis(50));
                Ok(Response::new(204))
            }
            "/json" => match request.json() {
                Ok(value) => {
                    ctx.storage().put("json", &value)?;
                    let kept: Option<dormouse::json::Value> = ctx.storage().get("json")?;
                    Ok(Response::json(&json!({"kept": kept})))
                }
                Err(e) => Ok(Response::bad_request(e.to_string())),
            },
            "/state" => {
                let storage = ctx.storage();
                let closed: Option<(u32, String)> = storage.get("closed")?;
                Ok(Response::json(&json!({
                    "starts": storage.get::<u32>("starts")?,
                    "lost": storage.get::<bool>("lost")?,
                    "attempts": storage.get::<Vec<u32>>("attempts")?,
                    "closed": closed.map(|(code, reason)| format!("{code} {reason}")),
                })))
            }
            _ => Ok(Response::not_found()),
        }
    }

    fn alarm(&mut self, ctx: &Ctx, event: AlarmEvent) -> Result {
        assert!(ctx.now_millis() >= event.due_millis);
        assert_eq!(ctx.alarm().get(), None);
        if event.attempt == 0 {
            return Err(Error::other("the first attempt fails"));
        }
        ctx.storage().put("attempts", &vec![event.attempt])
    }

    fn complete(
        &mut self,
        _: &Ctx,
        operation: Operation,
        outcome: Result<Vec<u8>, String>,
    ) -> Result {
        assert_eq!(outcome, Ok(Vec::new()));
        let index = self
            .waiting
            .iter()
            .position(|(waiting, _)| *waiting == operation);
        let (_, request) = self.waiting.remove(index.ok_or(Error::NotFound)?);
        request.respond(&Response::text("at last"))?;
        assert_eq!(
            request.respond(&Response::text("again")),
            Err(Error::NotFound)
        );
        Ok(())
    }
}

fn check_storage(ctx: &Ctx) -> Result {
    let storage = ctx.storage();
    let starts: Option<u32> = storage.get("starts")?;
    storage.delete_all();
    assert_eq!(storage.get::<u32>("starts")?, None);
    assert_eq!(storage.keys(ListOptions::new()), [""; 0]);

    storage.put_many([("b", 2), ("ä", 4), ("a", 1), ("ab", 3)])?;
    let keys = |options| storage.keys(options).join(" ");
    let all = ListOptions::new();
    assert_eq!(keys(all), "a ab b ä");
    assert_eq!(keys(all.prefix("a")), "a ab");
    assert_eq!(keys(all.prefix("ä")), "ä");
    assert_eq!(keys(all.start("ab")), "ab b ä");
    assert_eq!(keys(all.start_after("ab").start("a")), "b ä");
    assert_eq!(keys(all.end("b")), "a ab");
    assert_eq!(keys(all.limit(0)), "");
    assert_eq!(keys(all.reverse().limit(2)), "ä b");
    assert_eq!(keys(all.reverse().start("ab").end("ä")), "b ab");
    assert_eq!(keys(all.prefix("a").start_after("a").reverse()), "ab");
    let some: Vec<(String, i32)> = storage.get_many(&["b", "none", "a"])?;
    assert_eq!(some, [("a".to_owned(), 1), ("b".to_owned(), 2)]);

    assert!(storage.delete("a"));
    assert!(!storage.delete("a"));
    assert_eq!(storage.delete_many(&["b", "ab", "none"]), 2);
    assert_eq!(keys(all), "ä");

    assert_eq!(storage.put("", &1), Err(Error::KeyTooLarge));
    assert_eq!(storage.put(&"k".repeat(2049), &1), Err(Error::KeyTooLarge));
    assert_eq!(
        storage.put_bytes("large", &vec![0; 2_097_153]),
        Err(Error::ValueTooLarge)
    );
    assert_eq!(
        storage.put_many([("x", 1), ("", 2)]),
        Err(Error::KeyTooLarge)
    );
    assert_eq!(keys(all), "ä");
    storage.put_bytes("empty", b"")?;
    assert_eq!(storage.get_bytes("empty").as_deref(), Some(&b""[..]));
    storage.put_bytes("large", &vec![7; 2_097_152])?;
    assert_eq!(
        storage.get_bytes("large").map(|bytes| bytes.len()),
        Some(2_097_152)
    );
    assert!(storage.get::<u32>("empty").is_err());

    storage.delete_all();
    if let Some(starts) = starts {
        storage.put("starts", &starts)?;
    }
    Ok(())
}

fn check_alarm(ctx: &Ctx) {
    let alarm = ctx.alarm();
    assert_eq!(alarm.get(), None);
    let due = alarm.set_in(Duration::from_secs(3600));
    assert_eq!(due, ctx.now_millis() + 3_600_000);
    assert_eq!(alarm.get(), Some(due));
    alarm.set_at_millis(due + 1);
    assert_eq!(alarm.get(), Some(due + 1));
    alarm.delete();
    assert_eq!(alarm.get(), None);
}

fn check_world(ctx: &Ctx) -> Result {
    assert_eq!(ctx.identity().id().len(), 64);
    assert_eq!(ctx.identity().waking_reason(), WakingReason::Fetch);
    assert!(ctx.now_millis() > 1_700_000_000_000);
    assert_eq!(ctx.random().bytes(33).len(), 33);
    assert_eq!(ctx.random().bytes(0).len(), 0);
    assert_ne!(ctx.random().u64(), ctx.random().u64());
    assert_ne!(ctx.random().bytes(16), ctx.random().bytes(16));
    assert_eq!(ctx.env().get("no such name"), None);
    for (name, value) in ctx.env().all() {
        assert_eq!(ctx.env().get(&name), Some(value));
    }
    let timers: Vec<Operation> = (0..1024)
        .map(|_| ctx.timer().start(Duration::from_secs(60)))
        .collect::<Result<_>>()?;
    assert_eq!(
        ctx.timer().start(Duration::from_secs(60)),
        Err(Error::TooMany)
    );
    for timer in &timers {
        assert!(ctx.timer().cancel(*timer));
        assert!(!ctx.timer().cancel(*timer));
    }
    Ok(())
}

export_actor!(Probe: connect, message, close, fetch, alarm, complete);

#[cfg(test)]
mod tests {
    use super::*;
    use dormouse::testing::{Failed, TestHost};

    #[test]
    fn everything_answers_as_it_should() {
        let mut host = TestHost::<Probe>::new("probe").with_env("cheese", "brie");
        host.fetch(Request::get("/check")).unwrap();
        let echo = host
            .fetch(Request::post("/echo?a=1", b"x").with_header("x-probe", "1"))
            .unwrap();
        assert_eq!(
            (echo.status(), echo.header("x-url")),
            (201, Some("/echo?a=1"))
        );
        assert!(host.fetch(Request::get("/later")).unwrap().is_later());
        host.advance(Duration::from_millis(20));
        assert_eq!(host.answer().unwrap().text_body(), "at last");
        assert!(matches!(
            host.fetch(Request::get("/panic")),
            Err(Failed::Panic(_))
        ));
        assert!(matches!(
            host.fetch(Request::get("/fail")),
            Err(Failed::Error(_))
        ));
        host.fetch(Request::get("/alarm")).unwrap();
        host.advance(Duration::from_secs(5));
        let state = host.fetch(Request::get("/state")).unwrap();
        assert_eq!(
            state.text_body(),
            r#"{"starts":3,"lost":null,"attempts":[1],"closed":null}"#
        );
    }

    #[test]
    fn connections_behave_as_they_should() {
        let mut host = TestHost::<Probe>::new("probe");
        let red = host.connect("/?tag=red").unwrap();
        let blue = host.connect("/?tag=blue").unwrap();
        assert!(host.connect("/reject").is_err());
        assert_eq!(host.received_texts(red), ["welcome red, among true"]);
        host.received(blue);
        for (text, answer) in [
            ("who", r#"Guest { name: "red", visits: Some(1) }"#),
            ("count blue", "1 of 2"),
            ("gone 999", "gone"),
        ] {
            host.message(red, text).unwrap();
            assert_eq!(host.received_texts(red), [answer]);
        }
        host.message(red, "tell blue").unwrap();
        assert_eq!(
            host.received(red),
            [Message::Bytes(vec![1, 2, 3]), "1, 2".into()]
        );
        assert_eq!(
            host.received(blue),
            ["told".into(), Message::Bytes(vec![1, 2, 3])]
        );
        host.message(blue, "bye now").unwrap();
        assert_eq!(host.closed(blue), Some((4001, "now".to_owned())));
        host.close(red, 1000, "done").unwrap();
        assert_eq!(
            host.stored::<(u32, String)>("closed"),
            Some((1000, "done".to_owned()))
        );
    }
}
