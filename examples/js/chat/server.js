export default {
  async fetch(request) {
    const url = new URL(request.url);
    const [, roomId, ...rest] = url.pathname.split("/");
    if (!roomId) {
      return new Response("Please specify a room in the URL's path, such as /lobby\n", { status: 400 });
    }
    // Get or create the room; its part of the path is taken off.
    const room = new ServerlessWorker("./chatRoom.js", decodeURIComponent(roomId));
    url.pathname = "/" + rest.join("/");
    return room.fetch(new Request(url, request));
  },
};
