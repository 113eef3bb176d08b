package dev.dormouse.actor;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.ResourceFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A random life of a small server, decided by a seed: requests, connections and messages, traps,
 * alarms, timers, sleep for want of memory, deletions, redeployments, a disk that is slow, full or
 * fails, power that goes. The server's own steps and the disk's are interleaved at random too.
 *
 * <p>Most events are <i>operations</i>: they add one to their actor's stored count, store it under
 * the operation's name, and say name and count. What must hold, whatever happens:
 *
 * <ul>
 *   <li>an operation that anybody has heard of is durable, with the count that was said;
 *   <li>counts are heard in the order of the turns, over all requests and connections of an actor;
 *   <li>of an operation that trapped or whose commit failed nothing is ever stored or heard;
 *   <li>in the end every request is answered, every alarm has fired, none early, and the memory of
 *       all actors is given back.
 * </ul>
 */
final class Simulation {
  private static final int STEPS = 250;
  private static final int ACTORS = 5;
  private static final int ACTORS_IN_MEMORY = 3;

  private final Guests guests;
  private final World world;
  private final Random chance;
  private final List<Story> stories = new ArrayList<>();
  private final List<CompletableFuture<HttpReply>> kept = new ArrayList<>();
  private boolean settling;
  private int operations;
  private @Nullable AssertionError wrong;

  /** What is known of one actor. */
  private static final class Story {
    final String name;
    final List<Client> clients = new ArrayList<>();

    /** Operations that were heard, with their counts, since the last deletion. */
    final Map<String, Long> heard = new HashMap<>();

    /** Operations that must never be seen. */
    final Set<String> failed = new HashSet<>();

    int unanswered;
    long lastCount;
    int deleting;

    /** Of those, the ones that were said to have failed: the disk may still come to them. */
    int uncertainDeletions;

    /** Whether it was said that an alarm is set, and no deletion has come since. */
    boolean alarmSet;

    Story(String name) {
      this.name = name;
    }
  }

  Simulation(Guests guests, long seed) {
    this.guests = guests;
    this.world = new World(guests, seed, ACTORS_IN_MEMORY);
    this.chance = new Random(seed);
    for (int i = 0; i < ACTORS; i++) {
      stories.add(new Story("actor" + i));
    }
  }

  void run() {
    world.time.meanwhile(this::meanwhile);
    for (int i = 0; i < STEPS; i++) {
      step();
      endUncertainty();
      stopIfWrong();
    }
    settle();
    endUncertainty();
    world.time.meanwhile(() -> {});
    checkTheEnd();
    stopIfWrong();
  }

  // What happens.

  private void step() {
    var story = stories.get(chance.nextInt(ACTORS));
    int what = chance.nextInt(1000);
    if (what < 250) {
      tell(story, "");
    } else if (what < 320) {
      read(story);
    } else if (what < 360) {
      trap(story);
    } else if (what < 420) {
      connect(story);
    } else if (what < 560) {
      say(story);
    } else if (what < 580) {
      leave(story);
    } else if (what < 600) {
      setAlarm(story);
    } else if (what < 615) {
      tell(story, "{complete:+}$" + chance.nextInt(2_000) + ";");
    } else if (what < 630) {
      keep(story);
    } else if (what < 645) {
      tell(story, "/");
    } else if (what < 655) {
      delete(story);
    } else if (what < 780) {
      world.time.runOne();
    } else if (what < 820) {
      world.run();
    } else if (what < 900) {
      world.pass(Duration.ofMillis(chance.nextInt(1_000)));
    } else if (what < 910) {
      world.pass(Duration.ofSeconds(11));
    } else if (what < 970) {
      moveDisk();
    } else if (what < 980) {
      world.store.hold();
    } else if (what < 988) {
      world.store.release();
    } else if (what < 993) {
      world.store.refuseCommits(
          chance.nextBoolean()
              ? null
              : new ResourceFault(Code.STORAGE_FULL, "the simulated disk is full"));
    } else if (what < 998) {
      crash();
    } else if (what == 998) {
      guests.redeploy();
    }
  }

  /** Between any two things that the server does. */
  private void meanwhile() {
    int what = chance.nextInt(100);
    if (what < 10) {
      moveDisk();
    } else if (what < 13 && !settling) {
      var story = stories.get(chance.nextInt(ACTORS));
      world.time.start("client", () -> tell(story, ""));
    }
  }

  private void moveDisk() {
    if (settling || chance.nextInt(10) > 0) {
      world.store.completeNext();
    } else {
      world.store.failNext();
    }
  }

  private String operation() {
    return "op" + operations++;
  }

  private void tell(Story story, String also) {
    var _ = request(story, also);
  }

  private CompletableFuture<HttpReply> request(Story story, String also) {
    var operation = operation();
    var script = also + "+[" + operation + "]\"" + operation + ":\"=>";
    var reply =
        chance.nextBoolean()
            ? world.fetchHere(story.name, script)
            : world.fetch(story.name, script);
    await(story, reply, operation);
    return reply;
  }

  /** Its handler fails up to twice. */
  private void setAlarm(Story story) {
    var handler = "{alarm:[fired]<" + chance.nextInt(3) + "}";
    var _ =
        request(story, handler + "@" + chance.nextInt(5_000) + ";")
            .thenAccept(set -> story.alarmSet = story.deleting == 0);
  }

  private void read(Story story) {
    await(story, world.fetch(story.name, "\"read:\"=>"), null);
  }

  private void trap(Story story) {
    var operation = operation();
    story.failed.add(operation);
    var reply = world.fetch(story.name, "+[" + operation + "]\"" + operation + ":\"*{alarm:!}@0;!");
    await(story, reply, operation);
  }

  /** A request that is answered only if a later one does it. */
  private void keep(Story story) {
    kept.add(world.fetch(story.name, "?"));
  }

  private void await(Story story, CompletableFuture<HttpReply> reply, @Nullable String operation) {
    story.unanswered++;
    var _ =
        reply.whenComplete(
            (answer, failure) -> {
              story.unanswered--;
              if (failure == null) {
                hear(story, World.text(reply));
              } else {
                require(World.fault(reply) != Code.INTERNAL, "the server has a bug: " + failure);
                if (operation != null) {
                  fail(story, operation);
                }
              }
            });
  }

  /**
   * A deletion gives the actor a fresh state, so what comes after it may be stored although a
   * commit before it fails and takes the answers of both with it.
   */
  private static void fail(Story story, String operation) {
    if (story.deleting == 0) {
      story.failed.add(operation);
    }
  }

  private void connect(Story story) {
    story.clients.removeIf(Client::isClosed);
    if (story.clients.size() < 4) {
      try {
        var operation = operation();
        var greeting = "{close:+}+[" + operation + "]\"" + operation + ":\"=>";
        var client = world.connect(story.name, greeting);
        client.onText(text -> hear(story, text));
        story.unanswered++;
        var _ =
            client.opening.whenComplete(
                (opened, failure) -> {
                  story.unanswered--;
                  if (failure == null) {
                    story.clients.add(client);
                  } else {
                    fail(story, operation);
                    client.connection.gone(1006, "");
                  }
                });
      } catch (Fault refused) {
        require(refused.code() == Code.OVERLOADED, "refused with " + refused);
      }
    }
  }

  private void say(Story story) {
    story.clients.removeIf(Client::isClosed);
    if (story.clients.isEmpty()) {
      return;
    }
    var client = story.clients.get(chance.nextInt(story.clients.size()));
    var operation = operation();
    var end = chance.nextInt(10);
    var how = end == 0 ? "!" : end < 4 ? "*" : ">";
    if (end == 0) {
      story.failed.add(operation);
    }
    if (client.unread() > 50) {
      world.run();
    }
    client.say("+[" + operation + "]\"" + operation + ":\"=" + how);
  }

  private void leave(Story story) {
    if (!story.clients.isEmpty()) {
      story.clients.remove(chance.nextInt(story.clients.size())).leave();
    }
  }

  private void delete(Story story) {
    story.deleting++;
    story.alarmSet = false;
    var deleted = world.directory().delete(World.id(story.name));
    story.unanswered++;
    var _ =
        deleted.whenComplete(
            (done, failure) -> {
              story.unanswered--;
              if (failure == null) {
                story.deleting--;
                forgetDeleted(story);
              } else {
                story.uncertainDeletions++;
              }
            });
  }

  /** A deletion that failed can happen no more once nothing waits for the disk. */
  private void endUncertainty() {
    for (var story : stories) {
      if (story.uncertainDeletions > 0 && world.store.waiting() == 0) {
        story.deleting -= story.uncertainDeletions;
        story.uncertainDeletions = 0;
        forgetDeleted(story);
      }
    }
  }

  /** After a deletion, what was said before it may be gone. */
  private void forgetDeleted(Story story) {
    story.heard.keySet().removeIf(operation -> !isDurable(story, operation));
    story.lastCount = Math.min(story.lastCount, world.durableCount(story.name));
  }

  private void crash() {
    world.time.meanwhile(() -> {});
    world.crash();
    world.time.meanwhile(this::meanwhile);
    for (var story : stories) {
      story.clients.clear();
      story.unanswered = 0;
      if (story.deleting > 0) {
        forgetDeleted(story);
      }
      story.deleting = 0;
      story.uncertainDeletions = 0;
      checkStored(story);
    }
  }

  /** From here on nothing fails, and nothing new comes. */
  private void settle() {
    settling = true;
    world.store.refuseCommits(null);
    world.store.release();
    world.run();
    kept.forEach(request -> request.cancel(false));
    world.pass(Duration.ofSeconds(20));
  }

  // What must hold.

  /** Somebody has heard of an operation or read a count. */
  private void hear(Story story, String text) {
    int colon = text.indexOf(':');
    var operation = text.substring(0, colon);
    long count = Long.parseLong(text.substring(colon + 1));
    require(!story.failed.contains(operation), text + " was said by a turn that failed");
    boolean read = operation.equals("read");
    var again = story.heard.get(operation);
    if (again != null) {
      require(again == count, text + " was said as " + again + " before");
      return;
    }
    if (read) {
      require(world.durableCount(story.name) >= count, text + " is not durable");
    } else {
      require(isDurable(story, operation), text + " is not durable");
      story.heard.put(operation, count);
    }
    boolean later = read ? count >= story.lastCount : count > story.lastCount;
    require(later || story.deleting > 0, text + " was said after " + story.lastCount);
    story.lastCount = count;
  }

  private boolean isDurable(Story story, String operation) {
    return world.isDurable(story.name, operation);
  }

  private void checkStored(Story story) {
    for (var operation : story.failed) {
      require(!isDurable(story, operation), operation + " failed, and is stored");
    }
    require(!isDurable(story, "early"), "an alarm fired early");
    if (story.deleting == 0) {
      for (var operation : story.heard.keySet()) {
        require(isDurable(story, operation), operation + " was said, and is lost");
      }
      require(
          world.durableCount(story.name) >= story.lastCount,
          "the count went back from " + story.lastCount);
    }
  }

  private void checkTheEnd() {
    for (var story : stories) {
      checkStored(story);
      require(story.unanswered == 0, story.unanswered + " were never answered");
      require(world.store.durableAlarm(World.id(story.name)).isEmpty(), "an alarm has not fired");
      require(!story.alarmSet || isDurable(story, "fired"), "an alarm was forgotten");
      for (var client : story.clients) {
        if (!client.isClosed()) {
          client.onText(text -> {});
          client.say("\"still here\">");
        }
      }
    }
    world.run();
    for (var story : stories) {
      for (var client : story.clients) {
        require(
            client.isClosed() || client.heard.getLast().equals("still here"),
            "an open connection is deaf");
      }
    }
    world.pass(Duration.ofSeconds(11));
    for (int i = 0; i < ACTORS_IN_MEMORY; i++) {
      world.ask("last" + i, "#>");
    }
    for (int i = 0; i < ACTORS_IN_MEMORY; i++) {
      require(world.isAwake("last" + i), "somebody has kept memory");
    }
  }

  /** Notes a failure, since what is thrown inside of the server may stay there. */
  private void require(boolean holds, String otherwise) {
    if (!holds && wrong == null) {
      wrong = new AssertionError(otherwise);
    }
  }

  private void stopIfWrong() {
    if (wrong != null) {
      throw wrong;
    }
  }
}
