use super::*;
use crate::{ListOptions, Result};

/// Does what its messages say.
struct Puppet;

impl Actor for Puppet {
    fn start(ctx: &Ctx) -> Result<Self> {
        let starts: u32 = ctx.storage().get("starts")?.unwrap_or(0);
        ctx.storage().put("starts", &(starts + 1))?;
        Ok(Puppet)
    }

    fn connect(
        &mut self,
        _: &Ctx,
        connection: Connection,
        request: ConnectRequest,
    ) -> Result<Admission> {
        if request.path() == "/closed" {
            return Ok(Admission::reject(403, "closed"));
        }
        if request.path() == "/pay" {
            return Ok(Admission::Refuse(
                Response::text("pay first").with_status(402),
            ));
        }
        connection.set_tags(&[request.query("tag").unwrap_or_default()])?;
        connection.send_text("welcome")?;
        Ok(Admission::Accept)
    }

    fn message(&mut self, ctx: &Ctx, connection: Connection, message: Message) -> Result {
        ctx.storage()
            .put("last", message.as_text().unwrap_or("bytes"))?;
        ctx.alarm().set_in(Duration::from_secs(1));
        ctx.connections().broadcast_text("heard");
        match message.as_text() {
            Some("panic") => panic!("as asked"),
            Some("fail") => Err(Error::other("as asked")),
            Some("respond") => connection.set_auto_response("ping", "pong").map(|_| ()),
            Some("leave") => connection.close(4000, "left").map(|_| ()),
            Some("timer") => ctx.timer().start(Duration::from_millis(10)).map(|_| ()),
            _ => Ok(()),
        }
    }

    fn fetch(&mut self, ctx: &Ctx, request: Request) -> Result<Response> {
        match request.path() {
            "/later" => {
                ctx.storage().put("later", &request.id().raw())?;
                ctx.timer().start(Duration::from_millis(5))?;
                Ok(Response::later())
            }
            _ => Ok(Response::text(ctx.name())),
        }
    }

    fn alarm(&mut self, ctx: &Ctx, event: AlarmEvent) -> Result {
        let mut fired: Vec<u32> = ctx.storage().get("fired")?.unwrap_or_default();
        fired.push(event.attempt);
        if ctx.env().get("broken").is_some() && event.attempt < 2 {
            return Err(Error::other("not yet"));
        }
        ctx.storage().put("fired", &fired)
    }

    fn complete(&mut self, ctx: &Ctx, _: Operation, outcome: Result<Vec<u8>, String>) -> Result {
        assert_eq!(outcome, Ok(vec![]));
        if let Some(id) = ctx.storage().get("later")? {
            RequestId::new(id).respond(&Response::text("at last"))?;
        }
        ctx.connections().broadcast_text("tick");
        Ok(())
    }
}

#[test]
fn a_turn_that_fails_leaves_nothing_behind() {
    let mut host = TestHost::<Puppet>::new("judy");
    for (text, failed) in [
        ("fail", Failed::Error(Error::other("as asked"))),
        ("panic", Failed::Panic("as asked".to_owned())),
    ] {
        let client = host.connect("/").unwrap();
        host.received(client);
        assert_eq!(host.message(client, text), Err(failed));
        assert_eq!(
            host.closed(client),
            Some((1011, "actor_trapped".to_owned()))
        );
        assert_eq!(host.received(client), []);
        assert_eq!(host.stored::<String>("last"), None);
        assert_eq!(host.alarm(), None);
    }
    let client = host.connect("/").unwrap();
    host.received(client);
    host.message(client, "fine").unwrap();
    assert_eq!(host.received_texts(client), ["heard"]);
    assert_eq!(host.stored::<String>("last").as_deref(), Some("fine"));
    assert_eq!(host.stored::<u32>("starts"), Some(3));
}

#[test]
fn a_ping_is_answered_without_a_turn() {
    let mut host = TestHost::<Puppet>::new("judy");
    let client = host.connect("/?tag=red").unwrap();
    assert_eq!(host.received_texts(client), ["welcome"]);
    host.message(client, "ping").unwrap();
    assert_eq!(host.received_texts(client), ["heard"]);
    host.message(client, "respond").unwrap();
    assert_eq!(host.received_texts(client), ["heard"]);
    host.sleep();
    host.message(client, "ping").unwrap();
    assert_eq!(host.received_texts(client), ["pong"]);
    assert!(host.actor().is_none());
}

#[test]
fn a_connection_is_refused_in_the_actors_own_words() {
    let mut host = TestHost::<Puppet>::new("judy");
    let answer = Response::text("pay first").with_status(402);
    assert_eq!(host.connect("/pay"), Err(Failed::Refused(answer)));
}

#[test]
fn connections_are_admitted_tagged_and_closed() {
    let mut host = TestHost::<Puppet>::new("judy");
    let rejected = host.connect("/closed").unwrap_err();
    assert_eq!(
        rejected,
        Failed::Rejected {
            status: 403,
            message: "closed".to_owned()
        }
    );
    let client = host.connect("/?tag=red").unwrap();
    assert_eq!(host.received_texts(client), ["welcome"]);
    host.sleep();
    host.message(client, "leave").unwrap();
    assert_eq!(host.closed(client), Some((4000, "left".to_owned())));
}

#[test]
fn a_failed_alarm_is_tried_again_until_it_succeeds() {
    let mut host = TestHost::<Puppet>::new("judy").with_env("broken", "yes");
    let client = host.connect("/").unwrap();
    host.message(client, "go").unwrap();
    host.advance(Duration::from_secs(2));
    assert_eq!(host.stored::<Vec<u32>>("fired"), None);
    assert!(host.alarm().is_some());
    host.advance(Duration::from_secs(10));
    assert_eq!(host.stored::<Vec<u32>>("fired"), Some(vec![2]));
    assert_eq!(host.alarm(), None);
}

#[test]
fn timers_fire_and_end_with_the_instance() {
    let mut host = TestHost::<Puppet>::new("judy");
    let client = host.connect("/").unwrap();
    host.message(client, "timer").unwrap();
    host.received(client);
    host.advance(Duration::from_millis(9));
    assert_eq!(host.received(client), []);
    host.advance(Duration::from_millis(1));
    assert_eq!(host.received_texts(client), ["tick"]);
    host.message(client, "timer").unwrap();
    host.received(client);
    host.sleep();
    host.advance(Duration::from_millis(100));
    assert_eq!(host.received(client), []);
}

#[test]
fn a_request_can_be_answered_in_a_later_turn() {
    let mut host = TestHost::<Puppet>::new("judy");
    assert!(host.fetch(Request::get("/later")).unwrap().is_later());
    assert_eq!(host.answer(), None);
    host.advance(Duration::from_millis(5));
    assert_eq!(host.answer().unwrap().text_body(), "at last");
    assert_eq!(host.fetch(Request::get("/")).unwrap().text_body(), "judy");
}

struct Lister;

impl Actor for Lister {
    fn start(ctx: &Ctx) -> Result<Self> {
        ctx.storage()
            .put_many([("a", 1), ("ab", 2), ("b", 3), ("ä", 4)])?;
        Ok(Lister)
    }

    fn fetch(&mut self, ctx: &Ctx, _: Request) -> Result<Response> {
        let keys = |options| ctx.storage().keys(options).join(" ");
        let all = ListOptions::new();
        assert_eq!(keys(all), "a ab b ä");
        assert_eq!(keys(all.prefix("a")), "a ab");
        assert_eq!(keys(all.start("ab")), "ab b ä");
        assert_eq!(keys(all.start_after("ab").start("a")), "b ä");
        assert_eq!(keys(all.end("b")), "a ab");
        assert_eq!(keys(all.reverse().limit(2)), "ä b");
        assert_eq!(keys(all.reverse().start("ab").end("ä")), "b ab");
        assert_eq!(
            ctx.storage().get_many::<i32>(&["b", "x", "a"])?,
            [("a".into(), 1), ("b".into(), 3)]
        );
        assert_eq!(ctx.storage().put("", &1), Err(Error::KeyTooLarge));
        assert_eq!(
            ctx.storage().put_bytes("v", &vec![0; 2_097_153]),
            Err(Error::ValueTooLarge)
        );
        assert_eq!(ctx.storage().delete_many(&["a", "x"]), 1);
        assert!(
            ctx.storage()
                .get::<String>("b")
                .unwrap_err()
                .to_string()
                .contains("under \"b\"")
        );
        Ok(Response::text(ctx.identity().id()))
    }
}

#[test]
fn listing_follows_the_options() {
    let mut host = TestHost::<Lister>::new("x");
    assert_eq!(host.fetch(Request::get("/")).unwrap().body().len(), 64);
}
