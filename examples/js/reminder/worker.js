// An alarm for each name, and how often it has fired.
let fired = (await storage.get("fired")) ?? 0;

export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname !== "/") return new Response("Not found\n", { status: 404 });
    if (request.method === "POST") {
      const millis = url.searchParams.get("in") ?? "";
      if (!/^\d{1,15}$/.test(millis)) {
        return new Response("Say in how many milliseconds: POST …?in=1000\n", { status: 400 });
      }
      await setAlarm(Date.now() + Number(millis));
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("Use GET or POST\n", { status: 405, headers: { allow: "GET, POST" } });
    }
    return Response.json({ fired, alarm: await getAlarm() });
  },

  async alarm() {
    fired += 1;
    console.log(`reminder ${fired}`);
    await storage.put("fired", fired);
  },
};
