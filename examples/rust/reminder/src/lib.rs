//! An alarm for each name, and how often it has fired.

use std::time::Duration;

use dormouse::{Actor, AlarmEvent, Ctx, Request, Response, Result, export_actor, info, json};

const FIRED: &str = "fired";

struct Reminder;

impl Actor for Reminder {
    fn start(_: &Ctx) -> Result<Self> {
        Ok(Reminder)
    }

    fn fetch(&mut self, ctx: &Ctx, request: Request) -> Result<Response> {
        match (request.path(), request.method()) {
            ("/", "GET" | "HEAD") => {}
            ("/", "POST") => match request.query("in").and_then(|millis| millis.parse().ok()) {
                Some(millis) => {
                    ctx.alarm().set_in(Duration::from_millis(millis));
                }
                None => {
                    return Ok(Response::bad_request(
                        "Say in how many milliseconds: POST …?in=1000\n",
                    ));
                }
            },
            ("/", _) => return Ok(Response::method_not_allowed("GET, POST")),
            _ => return Ok(Response::not_found()),
        }
        Ok(Response::json(
            &json!({"fired": fired(ctx)?, "alarm": ctx.alarm().get()}),
        ))
    }

    fn alarm(&mut self, ctx: &Ctx, event: AlarmEvent) -> Result {
        let fired = fired(ctx)? + 1;
        info!(
            "reminder {fired}, {} ms late",
            ctx.now_millis().saturating_sub(event.due_millis)
        );
        ctx.storage().put(FIRED, &fired)
    }
}

fn fired(ctx: &Ctx) -> Result<u64> {
    Ok(ctx.storage().get(FIRED)?.unwrap_or(0))
}

export_actor!(Reminder: fetch, alarm);

#[cfg(test)]
mod tests {
    use super::*;
    use dormouse::testing::TestHost;

    fn ask(host: &mut TestHost<Reminder>, request: Request) -> String {
        host.fetch(request).unwrap().text_body().into_owned()
    }

    #[test]
    fn the_alarm_fires_once_and_is_counted() {
        let mut host = TestHost::<Reminder>::new("tea");
        assert_eq!(
            ask(&mut host, Request::get("/")),
            r#"{"fired":0,"alarm":null}"#
        );
        let due = host.now_millis() + 500;
        assert_eq!(
            ask(&mut host, Request::post("/?in=500", b"")),
            format!(r#"{{"fired":0,"alarm":{due}}}"#)
        );
        host.sleep();
        host.advance(Duration::from_millis(499));
        assert_eq!(host.stored::<u64>(FIRED), None);
        host.advance(Duration::from_millis(1));
        assert_eq!(
            ask(&mut host, Request::get("/")),
            r#"{"fired":1,"alarm":null}"#
        );
    }

    #[test]
    fn a_request_without_a_time_is_refused() {
        let mut host = TestHost::<Reminder>::new("tea");
        for url in ["/", "/?in=", "/?in=soon", "/?in=-1"] {
            assert_eq!(host.fetch(Request::post(url, b"")).unwrap().status(), 400);
        }
        assert_eq!(host.alarm(), None);
    }
}
