import "./http.mjs";
import "./sockets.mjs";
import "./sleep.mjs";
import "./restarts.mjs";
export { outside, runOutside } from "./register.mjs";
