//! At most ten hits in any minute for each name.
//!
//! The times of the hits are stored, because a limit that a restart or ten idle seconds lift is no
//! limit. A refused hit stores nothing, so a client that hammers costs no writes.

use std::collections::VecDeque;

use dormouse::{Actor, Connection, Ctx, Message, Result, export_actor, json};

const HITS: &str = "hits";
const LIMIT: usize = 10;
const WINDOW_MILLIS: u64 = 60_000;

struct RateLimiter {
    /// When the allowed hits of the window were, oldest first, in milliseconds of Unix time.
    hits: VecDeque<u64>,
}

impl Actor for RateLimiter {
    fn start(ctx: &Ctx) -> Result<Self> {
        Ok(RateLimiter {
            hits: ctx.storage().get(HITS)?.unwrap_or_default(),
        })
    }

    fn message(&mut self, ctx: &Ctx, connection: Connection, message: Message) -> Result {
        let request = match message.json() {
            Ok(request) => request,
            Err(e) => {
                connection.send_json(&json!({"type": "error", "message": e.to_string()}))?;
                return Ok(());
            }
        };
        let answer = match request["type"].as_str() {
            Some("HIT") => json!({"isAllowed": self.hit(ctx)?}),
            Some("RESET") => {
                self.hits.clear();
                ctx.storage().delete(HITS);
                json!({"isAllowed": true})
            }
            _ => {
                json!({"type": "error", "message": "Send {\"type\":\"HIT\"} or {\"type\":\"RESET\"}."})
            }
        };
        connection.send_json(&answer)?;
        Ok(())
    }
}

impl RateLimiter {
    fn hit(&mut self, ctx: &Ctx) -> Result<bool> {
        let now = ctx.now_millis();
        while self
            .hits
            .front()
            .is_some_and(|hit| hit + WINDOW_MILLIS <= now)
        {
            self.hits.pop_front();
        }
        let allowed = self.hits.len() < LIMIT;
        if allowed {
            self.hits.push_back(now);
            ctx.storage().put(HITS, &self.hits)?;
        }
        Ok(allowed)
    }
}

export_actor!(RateLimiter: connect, message);

#[cfg(test)]
mod tests {
    use super::*;
    use dormouse::testing::TestHost;
    use std::time::Duration;

    fn hit(host: &mut TestHost<RateLimiter>, client: Connection) -> bool {
        host.message(client, r#"{"type":"HIT"}"#).unwrap();
        match host.received_texts(client)[0].as_str() {
            r#"{"isAllowed":true}"# => true,
            r#"{"isAllowed":false}"# => false,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn ten_hits_a_minute_are_allowed_even_across_sleep() {
        let mut host = TestHost::<RateLimiter>::new("mouse");
        let client = host.connect("/").unwrap();
        for _ in 0..5 {
            assert!(hit(&mut host, client));
        }
        host.advance(Duration::from_secs(30));
        host.sleep();
        for _ in 0..5 {
            assert!(hit(&mut host, client));
        }
        assert!(!hit(&mut host, client));
        host.advance(Duration::from_millis(29_999));
        assert!(!hit(&mut host, client));
        host.advance(Duration::from_millis(1));
        for _ in 0..5 {
            assert!(hit(&mut host, client));
        }
        assert!(!hit(&mut host, client));
    }

    #[test]
    fn a_reset_forgets_all_hits() {
        let mut host = TestHost::<RateLimiter>::new("mouse");
        let client = host.connect("/").unwrap();
        while hit(&mut host, client) {}
        host.message(client, r#"{"type":"RESET"}"#).unwrap();
        assert_eq!(host.received_texts(client), [r#"{"isAllowed":true}"#]);
        assert!(hit(&mut host, client));
    }

    #[test]
    fn a_mistake_is_answered() {
        let mut host = TestHost::<RateLimiter>::new("mouse");
        let client = host.connect("/").unwrap();
        for bad in ["", "HIT", r#"{"type":"hit"}"#] {
            host.message(client, bad).unwrap();
            assert!(host.received_texts(client)[0].starts_with(r#"{"type":"error""#));
        }
    }
}
