//! A durable key-value store for each name.

use dormouse::{
    Actor, Connection, Ctx, Error, ListOptions, Message, Result, export_actor, json, json::Value,
};

/// Users' keys lie under a prefix, so that the actor has room for others of its own.
const PREFIX: &str = "data:";

struct Store;

impl Actor for Store {
    fn start(_: &Ctx) -> Result<Self> {
        Ok(Store)
    }

    fn message(&mut self, ctx: &Ctx, connection: Connection, message: Message) -> Result {
        let answer = run(ctx, &message)
            .unwrap_or_else(|e| json!({"status": "error", "message": e.to_string()}));
        connection.send_json(&answer)?;
        Ok(())
    }
}

fn run(ctx: &Ctx, message: &Message) -> Result<Value> {
    let mut request = message.json()?;
    let storage = ctx.storage();
    match request.take("command").as_str() {
        Some("GET") => {
            let value: Option<Value> = storage.get(&key(&request)?)?;
            Ok(json!({"status": "success", "value": value}))
        }
        Some("SET") => {
            let key = key(&request)?;
            if request.get("value").is_none() {
                return Err(Error::other("SET needs a value"));
            }
            let value = request.take("value");
            storage.put(&key, &value)?;
            Ok(json!({"status": "success", "value": value}))
        }
        Some("DEL") => Ok(json!({"status": "success", "deleted": storage.delete(&key(&request)?)})),
        Some("KEYS") => {
            let prefix = format!("{PREFIX}{}", request["key"].as_str().unwrap_or_default());
            let keys = storage.keys(ListOptions::new().prefix(&prefix));
            let keys: Value = keys.iter().map(|key| &key[PREFIX.len()..]).collect();
            Ok(json!({"status": "success", "keys": keys}))
        }
        Some(other) => Err(Error::other(format!(
            "there is no command {other}; use GET, SET, DEL or KEYS"
        ))),
        None => Err(Error::other("name a command: GET, SET, DEL or KEYS")),
    }
}

/// Where the request's key is stored.
fn key(request: &Value) -> Result<String> {
    match request["key"].as_str() {
        Some(key) if !key.is_empty() => Ok(format!("{PREFIX}{key}")),
        _ => Err(Error::other(
            "the command needs a key: a text that is not empty",
        )),
    }
}

export_actor!(Store: connect, message);

#[cfg(test)]
mod tests {
    use super::*;
    use dormouse::testing::TestHost;

    fn ask(host: &mut TestHost<Store>, client: Connection, message: &str) -> String {
        host.message(client, message).unwrap();
        host.received_texts(client).remove(0)
    }

    #[test]
    fn values_are_set_read_listed_and_deleted() {
        let mut host = TestHost::<Store>::new("cache");
        let client = host.connect("/").unwrap();
        for (message, answer) in [
            (
                r#"{"command":"GET","key":"a"}"#,
                r#"{"status":"success","value":null}"#,
            ),
            (
                r#"{"command":"SET","key":"a","value":"1"}"#,
                r#"{"status":"success","value":"1"}"#,
            ),
            (
                r#"{"command":"SET","key":"b","value":[2]}"#,
                r#"{"status":"success","value":[2]}"#,
            ),
            (
                r#"{"command":"GET","key":"a"}"#,
                r#"{"status":"success","value":"1"}"#,
            ),
            (
                r#"{"command":"KEYS"}"#,
                r#"{"status":"success","keys":["a","b"]}"#,
            ),
            (
                r#"{"command":"KEYS","key":"b"}"#,
                r#"{"status":"success","keys":["b"]}"#,
            ),
            (
                r#"{"command":"DEL","key":"a"}"#,
                r#"{"status":"success","deleted":true}"#,
            ),
            (
                r#"{"command":"DEL","key":"a"}"#,
                r#"{"status":"success","deleted":false}"#,
            ),
        ] {
            assert_eq!(ask(&mut host, client, message), answer);
        }
        host.sleep();
        assert_eq!(
            ask(&mut host, client, r#"{"command":"GET","key":"b"}"#),
            r#"{"status":"success","value":[2]}"#
        );
    }

    #[test]
    fn mistakes_are_answered_as_errors() {
        let mut host = TestHost::<Store>::new("cache");
        let client = host.connect("/").unwrap();
        let long = format!(
            r#"{{"command":"SET","key":"{}","value":1}}"#,
            "x".repeat(3000)
        );
        for message in [
            "nonsense",
            "{}",
            r#"{"command":"FLUSH"}"#,
            r#"{"command":"GET"}"#,
            r#"{"command":"SET","key":"","value":1}"#,
            r#"{"command":"SET","key":"a"}"#,
            &long,
        ] {
            let answer = ask(&mut host, client, message);
            assert!(
                answer.starts_with(r#"{"status":"error","message":""#),
                "{answer}"
            );
        }
    }
}
