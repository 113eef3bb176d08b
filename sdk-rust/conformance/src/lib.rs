//! Uses everything that the SDK offers, and checks what it gets. The unit tests run it in
//! `dormouse::testing`, and the server's tests run it as a module: so both hosts are held to the
//! same behaviour.

mod crypto;

use std::collections::HashMap;
use std::time::Duration;

use dormouse::{
    Actor, ActorRef, Admission, AlarmEvent, Answer, Call, CallId, CloseEvent, ConnectRequest,
    Connection, Ctx, Error, Failure, Handshake, ListOptions, Message, Operation, Outcome,
    Redirects, Request, RequestId, Response, Result, Role, WakingReason, cbor_struct, export_actor,
    json, warn,
};

cbor_struct! {
    #[derive(Debug, PartialEq)]
    struct Guest {
        name: String,
        visits: Option<u32>,
    }
}

/// What an operation was started for.
enum Purpose {
    Later(RequestId),
    CallLater(CallId),
    Call(RequestId),
    Pass(RequestId),
    Dial(RequestId),
    Join(Connection),
}

struct Probe {
    waiting: HashMap<Operation, Purpose>,
    /// The connections that this actor opened, and who wants to know what comes from them.
    dialed: HashMap<Connection, RequestId>,
}

impl Actor for Probe {
    fn start(ctx: &Ctx) -> Result<Self> {
        let starts: u32 = ctx.storage().get("starts")?.unwrap_or(0);
        ctx.storage().put("starts", &(starts + 1))?;
        Ok(Probe {
            waiting: HashMap::new(),
            dialed: HashMap::new(),
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
        if request.path() == "/refuse" {
            let answer = Response::text("pay first").with_status(402);
            return Ok(Admission::Refuse(answer.with_header("x-price", "7")));
        }
        if let Some(name) = request.query("through") {
            let onward = ConnectRequest::new("/?tag=guest");
            let operation = ctx.actors().get(&name).connect(&onward)?;
            self.waiting.insert(operation, Purpose::Join(connection));
            return Ok(Admission::Defer);
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
        if let Some(request) = self.dialed.remove(&connection) {
            assert!(!ctx.connections().list().contains(&connection));
            assert_eq!(connection.set_attachment("x"), Ok(false));
            assert!(connection.close(1000, "")?);
            return request.respond(&Response::text(message.as_text().unwrap_or_default()));
        }
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
            ("respond", pair) => {
                let (request, response) = pair.split_once('=').unwrap_or((pair, ""));
                assert_eq!(connection.auto_response(), None);
                assert_eq!(
                    connection.set_auto_response(request, &"x".repeat(2049)),
                    Err(Error::ValueTooLarge)
                );
                assert!(connection.set_auto_response(request, response)?);
                connection.send_text("yes")?;
            }
            ("responded", _) => {
                let (request, response) = connection.auto_response().ok_or(Error::NotFound)?;
                let at = connection.auto_response_at().ok_or(Error::NotFound)?;
                let lately = ctx.now_millis() - at < 60_000;
                assert!(connection.clear_auto_response()?);
                connection.send_text(&format!("{request}={response} {lately}"))?;
            }
            ("bye", reason) => {
                assert_eq!(connection.close(1006, ""), Err(Error::Invalid));
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
                check_outside(ctx)?;
                crypto::check(ctx)?;
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
                self.waiting.insert(operation, Purpose::Later(request.id()));
                Ok(Response::later())
            }
            "/call" => {
                let operation = other(ctx, &request.query("actor")).call(request.body())?;
                self.waiting.insert(operation, Purpose::Call(request.id()));
                Ok(Response::later())
            }
            "/pass" => {
                let onward = Request::new(request.method(), "/echo?passed=1")
                    .with_header("x-probe", "passed")
                    .with_body(request.body());
                let operation = other(ctx, &request.query("actor")).fetch(&onward)?;
                self.waiting.insert(operation, Purpose::Pass(request.id()));
                Ok(Response::later())
            }
            "/dial" => {
                let url = request.query("url").unwrap_or_default();
                let operation = other(ctx, &request.query("actor"))
                    .connect(&ConnectRequest::new(&url).with_header("x-probe", "dialed"))?;
                self.waiting.insert(operation, Purpose::Dial(request.id()));
                Ok(Response::later())
            }
            "/web" => {
                let url = request.query("url").unwrap_or_default();
                let redirects = match request.query("redirects").as_deref() {
                    Some("manual") => Redirects::Manual,
                    Some("fail") => Redirects::Fail,
                    _ => Redirects::Follow,
                };
                let onward = Request::new(request.method(), &url)
                    .with_header("x-probe", "outward")
                    .with_body(request.body());
                let operation = ctx.web().redirects(redirects).fetch(&onward)?;
                self.waiting.insert(operation, Purpose::Pass(request.id()));
                Ok(Response::later())
            }
            "/web-dial" => {
                let url = request.query("url").unwrap_or_default();
                let onward = ConnectRequest::new(&url).with_header("x-probe", "dialed");
                let operation = ctx.web().connect(&onward, &["chat", "talk"])?;
                self.waiting.insert(operation, Purpose::Dial(request.id()));
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
            "/patient" => {
                ctx.storage().put("patient", &true)?;
                ctx.alarm().set_in(Duration::from_millis(10));
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
        if ctx.storage().get("patient")? == Some(true) {
            let mut attempts: Vec<u32> = ctx.storage().get("attempts")?.unwrap_or_default();
            attempts.push(event.attempt);
            ctx.storage().put("attempts", &attempts)?;
            if event.attempt < 2 {
                ctx.alarm().retry_in(Duration::from_millis(10), event);
                assert_eq!(ctx.alarm().get(), Some(event.due_millis));
            }
            return Ok(());
        }
        if event.attempt == 0 {
            return Err(Error::other("the first attempt fails"));
        }
        ctx.storage().put("attempts", &vec![event.attempt])
    }

    fn call(&mut self, ctx: &Ctx, call: Call) -> Result<Answer> {
        match call.payload() {
            b"later" => {
                let operation = ctx.timer().start(Duration::from_millis(5))?;
                self.waiting
                    .insert(operation, Purpose::CallLater(call.id()));
                Ok(Answer::later())
            }
            b"refuse" => {
                ctx.storage().put("refused", &true)?;
                Ok(Answer::error("not_now: come back tomorrow"))
            }
            b"fail" => Err(Error::other("as asked")),
            _ => {
                let mut payload = call.into_payload();
                payload.reverse();
                Ok(Answer::bytes(payload))
            }
        }
    }

    fn complete(&mut self, _: &Ctx, operation: Operation, outcome: Outcome) -> Result {
        let purpose = self.waiting.remove(&operation).ok_or(Error::NotFound)?;
        match purpose {
            Purpose::Later(request) => {
                assert_eq!(outcome, Ok(Vec::new()));
                request.respond(&Response::text("at last"))?;
                assert_eq!(
                    request.respond(&Response::text("again")),
                    Err(Error::NotFound)
                );
            }
            Purpose::CallLater(call) => {
                call.respond(&Answer::bytes("at last"))?;
                assert_eq!(call.respond(&Answer::bytes("again")), Err(Error::NotFound));
            }
            Purpose::Call(request) => request.respond(&match outcome {
                Ok(bytes) => Response::bytes("application/octet-stream", bytes),
                Err(text) => explain(text.into()),
            })?,
            Purpose::Pass(request) => {
                request.respond(&Response::from_outcome(outcome).unwrap_or_else(explain))?;
            }
            Purpose::Dial(request) => match Handshake::from_outcome(outcome) {
                Ok(Handshake::Open {
                    connection,
                    protocol,
                }) => {
                    if protocol.is_some() {
                        connection.send_text("hello")?;
                    }
                    self.dialed.insert(connection, request);
                }
                Ok(Handshake::Refused(response)) => request.respond(&response)?,
                Err(failure) => request.respond(&explain(failure))?,
            },
            Purpose::Join(client) => {
                match Handshake::from_outcome(outcome) {
                    Ok(Handshake::Open { connection, .. }) => client.splice(connection)?,
                    Ok(Handshake::Refused(answer)) => client.reject(answer.status(), "refused")?,
                    Err(failure) => client.reject(503, failure.message())?,
                };
            }
        }
        Ok(())
    }
}

fn other<'a>(ctx: &'a Ctx, name: &'a Option<String>) -> ActorRef<'a> {
    ctx.actors().get(name.as_deref().unwrap_or("nobody"))
}

fn explain(failure: Failure) -> Response {
    Response::json(&json!({
        "kind": format!("{:?}", failure.kind()),
        "code": failure.code(),
        "message": failure.message(),
        "overloaded": failure.overloaded(),
        "retryable": failure.retryable(),
    }))
    .with_status(502)
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

fn check_outside(ctx: &Ctx) -> Result {
    let actors = ctx.actors();
    assert_eq!(ctx.app().role(), Role::Actor);
    assert_eq!(ctx.app().section("no such section"), None);
    assert_eq!(actors.address(), ctx.name());
    assert_eq!(actors.id_of(&ctx.name()), ctx.identity().id());
    assert_eq!(actors.name_of(&ctx.identity().id()), Some(ctx.name()));
    assert_eq!(actors.name_of(&"0".repeat(64)), None);
    let nobody = actors.in_namespace("no-such-namespace").get("nobody");
    let operations: Vec<Operation> = (0..256)
        .map(|i| match i % 3 {
            0 => nobody.call(b""),
            1 => nobody.fetch(&Request::get("/")),
            _ => ctx
                .web()
                .connect(&ConnectRequest::new("ws://nowhere"), &["chat"]),
        })
        .collect::<Result<_>>()?;
    assert_eq!(nobody.call(b""), Err(Error::TooMany));
    for operation in operations {
        assert!(actors.cancel(operation));
        assert!(!ctx.web().cancel(operation));
    }
    Ok(())
}

export_actor!(Probe: connect, message, close, fetch, call, alarm, complete);

#[cfg(test)]
mod tests {
    use super::*;
    use dormouse::testing::{Failed, Standing, TestHost, To, What};

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
    fn an_alarm_that_is_tried_again_keeps_what_its_turns_did() {
        let mut host = TestHost::<Probe>::new("probe");
        host.fetch(Request::get("/patient")).unwrap();
        host.advance(Duration::from_secs(1));
        assert_eq!(host.stored("attempts"), Some(vec![0u32, 1, 2]));
        assert_eq!(host.alarm(), None);
    }

    #[test]
    fn what_the_policy_refuses_is_told_by_its_kind() {
        let mut host = TestHost::<Probe>::new("probe");
        for path in ["/web?url=http://10.0.0.1/", "/web-dial?url=ws://10.0.0.1/"] {
            assert!(host.fetch(Request::get(path)).unwrap().is_later());
            let operation = host.asked().remove(0).operation;
            host.complete(operation, Err("egress_denied: not listed".to_owned()))
                .unwrap();
            assert_eq!(
                host.answer().unwrap().text_body(),
                r#"{"kind":"EgressDenied","code":"egress_denied","message":"not listed","overloaded":false,"retryable":false}"#
            );
        }
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

    #[test]
    fn others_are_asked_and_answer() {
        let mut host = TestHost::<Probe>::new("probe");
        assert!(
            host.fetch(Request::post("/call?actor=x", b"hi"))
                .unwrap()
                .is_later()
        );
        let asked = host.asked().remove(0);
        let name = "x".to_owned();
        let namespace = None;
        assert_eq!(asked.to, To::Actor { namespace, name });
        assert_eq!(asked.what, What::Call(b"hi".to_vec()));
        host.complete(asked.operation, Ok(b"ih".to_vec())).unwrap();
        assert_eq!(host.answer().unwrap().text_body(), "ih");

        host.fetch(Request::post("/call?actor=x", b"hi")).unwrap();
        let operation = host.asked().remove(0).operation;
        host.complete(operation, Err("timeout: too late".to_owned()))
            .unwrap();
        assert_eq!(
            host.answer().unwrap().text_body(),
            r#"{"kind":"Timeout","code":"timeout","message":"too late","overloaded":false,"retryable":true}"#
        );

        host.fetch(Request::get("/pass?actor=x")).unwrap();
        let operation = host.asked().remove(0).operation;
        host.reply(operation, &Response::text("passed")).unwrap();
        assert_eq!(host.answer().unwrap(), Response::text("passed"));

        host.fetch(Request::get("/web?url=https://x")).unwrap();
        let asked = host.asked().remove(0);
        assert!(matches!(
            (&asked.to, &asked.what),
            (To::Web { .. }, What::Fetch(_))
        ));
        host.reply(asked.operation, &Response::text("out")).unwrap();
        assert_eq!(host.answer().unwrap().url(), None);

        host.fetch(Request::get("/dial?actor=x&url=/y")).unwrap();
        let operation = host.asked().remove(0).operation;
        let end = host.open(operation, None).unwrap();
        host.message(end, "hello").unwrap();
        assert_eq!(host.answer().unwrap().text_body(), "hello");
        assert_eq!(host.standing(end), Standing::Gone);
        host.fetch(Request::get("/call?actor=x")).unwrap();
        let operation = host.asked().remove(0).operation;
        host.sleep();
        assert!(!host.is_asking(operation));
    }

    #[test]
    fn calls_are_answered_at_once_or_later() {
        let mut host = TestHost::<Probe>::new("probe");
        assert_eq!(host.call(b"abc").unwrap(), Answer::bytes("cba"));
        assert_eq!(
            host.call(b"refuse").unwrap(),
            Answer::error("not_now: come back tomorrow")
        );
        assert_eq!(host.stored::<bool>("refused"), Some(true));
        assert!(matches!(host.call(b"fail"), Err(Failed::Error(_))));
        assert!(host.call(b"later").unwrap().is_later());
        assert_eq!(host.call_answer(), None);
        host.advance(Duration::from_millis(5));
        assert_eq!(host.call_answer(), Some(Ok(b"at last".to_vec())));
    }

    #[test]
    fn a_connection_waits_until_it_is_spliced_or_refused() {
        let mut host = TestHost::<Probe>::new("probe");
        let client = host.connect("/?through=x").unwrap();
        assert_eq!(host.standing(client), Standing::Waiting);
        let operation = host.asked().remove(0).operation;
        let end = host.open(operation, None).unwrap();
        assert_eq!(host.standing(client), Standing::Spliced(end));
        assert_eq!(host.standing(end), Standing::Spliced(client));

        let client = host.connect("/?through=x").unwrap();
        let operation = host.asked().remove(0).operation;
        host.reply(operation, &Response::new(418)).unwrap();
        let message = "refused".to_owned();
        assert_eq!(
            host.standing(client),
            Standing::Rejected {
                status: 418,
                message
            }
        );
    }
}
