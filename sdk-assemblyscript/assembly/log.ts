import { log } from "./abi/imports";
import { pointerOf, utf8 } from "./abi/memory";

/** How much a line of the log matters. */
export enum Level { Debug, Info, Warn, Error }

/** The actor's log. Lines are kept even when the turn is thrown away. `console` writes here too. */
export class Log {
  static write(level: Level, message: string): void {
    const line = utf8(message);
    log.write(level, pointerOf(line), line.byteLength);
  }

  debug(message: string): void {
    Log.write(Level.Debug, message);
  }

  info(message: string): void {
    Log.write(Level.Info, message);
  }

  warn(message: string): void {
    Log.write(Level.Warn, message);
  }

  error(message: string): void {
    Log.write(Level.Error, message);
  }
}
