package dev.dormouse.actor;

import java.util.Set;

/** Which export handles which event, and what it is called when it wakes an actor. */
final class EventKinds {
  private EventKinds() {}

  /** Whether a module with these exports has a handler for an event. */
  static boolean isHandled(Event event, Set<String> exports) {
    return switch (event) {
      // A module that only listens takes connections without being asked.
      case Event.Connect connect -> exports.contains("connect") || exports.contains("message");
      case Event.Message message -> exports.contains("message");
      case Event.Close close -> exports.contains("close");
      case Event.Fetch fetch -> exports.contains("fetch");
      case Event.Call call -> exports.contains("call");
      case Event.AlarmDue alarm -> exports.contains("alarm");
      case Event.Completion timer -> exports.contains("complete");
      case Event.Reset control -> throw notATurn(control);
      case Event.Shutdown control -> throw notATurn(control);
      case Event.Destroy control -> throw notATurn(control);
    };
  }

  static WakingReason reason(Event event) {
    return switch (event) {
      case Event.Connect connect -> WakingReason.CONNECT;
      case Event.Message message -> WakingReason.MESSAGE;
      case Event.Close close -> WakingReason.CLOSE;
      case Event.Fetch fetch -> WakingReason.FETCH;
      case Event.Call call -> WakingReason.CALL;
      case Event.AlarmDue alarm -> WakingReason.ALARM;
      case Event.Completion timer -> WakingReason.COMPLETE;
      case Event.Reset control -> throw notATurn(control);
      case Event.Shutdown control -> throw notATurn(control);
      case Event.Destroy control -> throw notATurn(control);
    };
  }

  static IllegalStateException notATurn(Event control) {
    return new IllegalStateException("not a turn: " + control);
  }
}
