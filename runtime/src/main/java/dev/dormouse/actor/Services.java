package dev.dormouse.actor;

import dev.dormouse.egress.Egress;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.TurnPacer;
import dev.dormouse.module.Namespace;
import dev.dormouse.module.Namespaces;
import dev.dormouse.observe.ActorLog;
import dev.dormouse.observe.Metrics;
import dev.dormouse.storage.ActorStore;
import dev.dormouse.time.TimeSource;
import java.util.concurrent.atomic.AtomicLong;

/** What all actors of a node share. */
record Services(
    ActorStore store,
    Namespaces namespaces,
    TimeSource time,
    TurnPacer pacer,
    MemoryBudget memory,
    Metrics metrics,
    ActorLog log,
    AtomicLong ids,
    Names names,
    Egress egress,
    Directory directory) {

  /** A number that is used for one connection, request, or operation only. */
  long nextId() {
    return ids.incrementAndGet();
  }

  /** How actors reach each other. */
  Calls calls() {
    return new Calls(directory, this);
  }

  Namespace namespace(String name) {
    return namespaces
        .find(name)
        .orElseThrow(
            () ->
                new UserFault(
                    Code.NAMESPACE_NOT_FOUND,
                    "there is no namespace '" + name + "': deploy a module to it first"));
  }
}
