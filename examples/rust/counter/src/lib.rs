//! A durable counter for each name.

use dormouse::{Actor, Ctx, Request, Response, Result, export_actor};

const COUNT: &str = "count";

struct Counter {
    count: u64,
}

impl Actor for Counter {
    fn start(ctx: &Ctx) -> Result<Self> {
        Ok(Counter {
            count: ctx.storage().get(COUNT)?.unwrap_or(0),
        })
    }

    fn fetch(&mut self, ctx: &Ctx, request: Request) -> Result<Response> {
        match (request.path(), request.method()) {
            ("/", "GET" | "HEAD") => {}
            ("/increment", "POST") => {
                self.count += 1;
                ctx.storage().put(COUNT, &self.count)?;
            }
            ("/", _) => return Ok(Response::method_not_allowed("GET")),
            ("/increment", _) => return Ok(Response::method_not_allowed("POST")),
            _ => return Ok(Response::not_found()),
        }
        Ok(Response::text(self.count.to_string()))
    }
}

export_actor!(Counter: fetch);

#[cfg(test)]
mod tests {
    use super::*;
    use dormouse::testing::TestHost;

    fn ask(host: &mut TestHost<Counter>, request: Request) -> String {
        host.fetch(request).unwrap().text_body().into_owned()
    }

    #[test]
    fn the_count_survives_the_instance() {
        let mut host = TestHost::<Counter>::new("mouse");
        assert_eq!(ask(&mut host, Request::get("/")), "0");
        assert_eq!(ask(&mut host, Request::post("/increment", b"")), "1");
        assert_eq!(ask(&mut host, Request::post("/increment", b"")), "2");
        host.sleep();
        assert_eq!(ask(&mut host, Request::get("/")), "2");
    }

    #[test]
    fn other_paths_and_methods_change_nothing() {
        let mut host = TestHost::<Counter>::new("mouse");
        assert_eq!(
            host.fetch(Request::get("/increment")).unwrap().status(),
            405
        );
        assert_eq!(host.fetch(Request::post("/", b"")).unwrap().status(), 405);
        assert_eq!(
            host.fetch(Request::post("/decrement", b""))
                .unwrap()
                .status(),
            404
        );
        assert_eq!(ask(&mut host, Request::get("/")), "0");
    }
}
