package dev.dormouse.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dormouse.testkit.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each example, in every language it is written in, does what its page says. */
@Tag("slow")
class ExamplesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path data;
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource(
      names = {"JS_DIRECT", "TS"},
      mode = EnumSource.Mode.EXCLUDE)
  void theCounterCountsEachNameAndSurvivesARestart(ExampleLanguage language) {
    var counter = "/" + deploy(language, "counter");
    assertEquals("0", server.get(counter + "/a").body());
    for (int n = 1; n <= 5; n++) {
      assertEquals(Integer.toString(n), server.post(counter + "/a/increment", "").body());
    }
    assertEquals("1", server.post(counter + "/b/increment", "").body());
    restart();
    assertEquals("5", server.get(counter + "/a").body());
    assertEquals("6", server.post(counter + "/a/increment", "").body());
    assertEquals("1", server.get(counter + "/b").body());
    assertEquals(405, server.get(counter + "/a/increment").statusCode());
    assertEquals(404, server.get(counter + "/a/decrement").statusCode());
    assertEquals("6", server.get(counter + "/a").body());
  }

  @ParameterizedTest
  @EnumSource(names = "TS", mode = EnumSource.Mode.EXCLUDE)
  void theChatTellsAllAndKeepsItsHistoryThroughARestart(ExampleLanguage language) {
    var room = "/" + deploy(language, "chat") + "/lobby";
    var before = System.currentTimeMillis();
    try (var hazel = talk(room);
        var otto = talk(room)) {
      for (int n = 0; n < 25; n++) {
        hazel.say("{\"username\":\"Hazel\",\"text\":\"" + n + " 🌰 \\\"nuts\\\"\"}");
        // The first frame: nobody gets a history where there is none.
        var said = hazel.hearJson();
        assertEquals(said, otto.hearJson());
        assertEquals("message", said.path("type").asText());
        assertMessage(n, said.path("message"));
        var timestamp = said.path("message").path("timestamp").asLong();
        assertTrue(timestamp >= before && timestamp <= System.currentTimeMillis(), said::toString);
      }
    }
    assertHistoryOfTheLastTwenty(room);
    restart();
    assertHistoryOfTheLastTwenty(room);
    try (var elsewhere = talk(room.replace("lobby", "garden"))) {
      elsewhere.say("{\"username\":\"Otto\",\"text\":\"hello?\"}");
      assertEquals("message", elsewhere.hearJson().path("type").asText());
    }
  }

  private void assertHistoryOfTheLastTwenty(String room) {
    try (var newcomer = talk(room)) {
      var history = newcomer.hearJson();
      assertEquals("history", history.path("type").asText());
      assertEquals(20, history.path("messages").size());
      for (int i = 0; i < 20; i++) {
        assertMessage(i + 5, history.path("messages").get(i));
      }
    }
  }

  private static void assertMessage(int n, JsonNode message) {
    assertEquals(
        Talk.json(
            "{\"username\":\"Hazel\",\"text\":\"%d 🌰 \\\"nuts\\\"\",\"timestamp\":%d}"
                .formatted(n, message.path("timestamp").asLong())),
        message);
  }

  @ParameterizedTest
  @EnumSource(names = "TS", mode = EnumSource.Mode.EXCLUDE)
  void badFramesDoNotCloseTheChatAndNobodyElseHearsOfThem(ExampleLanguage language) {
    var room = "/" + deploy(language, "chat") + "/lobby";
    try (var hazel = talk(room);
        var otto = talk(room)) {
      for (var bad :
          List.of("hello", "{", "[]", "{}", "{\"username\":\"Hazel\"}", "{\"text\":7}", "")) {
        assertEquals("error", hazel.ask(bad).path("type").asText(), bad);
      }
      hazel.say("{\"username\":\"Hazel\",\"text\":\"still here\"}");
      assertEquals("still here", hazel.hearJson().path("message").path("text").asText());
      assertEquals("still here", otto.hearJson().path("message").path("text").asText());
      assertTrue(hazel.isOpen());
    }
  }

  @ParameterizedTest
  @EnumSource(names = "TS", mode = EnumSource.Mode.EXCLUDE)
  void theChatServesItsPage(ExampleLanguage language) {
    var room = "/" + deploy(language, "chat") + "/lobby";
    var page = server.get(room);
    assertEquals(200, page.statusCode());
    assertEquals("text/html; charset=utf-8", page.headers().firstValue("content-type").orElse(""));
    assertTrue(page.body().startsWith("<!doctype html>"), page.body());
    assertEquals(404, server.get(room + "/cellar").statusCode());
  }

  @ParameterizedTest
  @EnumSource(names = "TS", mode = EnumSource.Mode.EXCLUDE)
  void theRateLimiterAllowsTenHitsAMinuteUntilItIsReset(ExampleLanguage language) {
    var limiter = "/" + deploy(language, "rate-limiter");
    try (var client = talk(limiter + "/a")) {
      for (int hit = 1; hit <= 10; hit++) {
        assertTrue(isAllowed(client), "hit " + hit);
      }
      assertFalse(isAllowed(client));
      try (var other = talk(limiter + "/b")) {
        assertTrue(isAllowed(other), "each name has its own limit");
      }
      assertEquals("error", client.ask("nonsense").path("type").asText());
    }
    restart();
    try (var client = talk(limiter + "/a")) {
      assertFalse(isAllowed(client), "a restart lifts no limit");
      assertEquals(Talk.json("{\"isAllowed\":true}"), client.ask("{\"type\":\"RESET\"}"));
      assertTrue(isAllowed(client));
    }
  }

  private static boolean isAllowed(Talk client) {
    var answer = client.ask("{\"type\":\"HIT\"}");
    assertTrue(answer.path("isAllowed").isBoolean(), answer::toString);
    assertEquals(1, answer.size(), answer::toString);
    return answer.path("isAllowed").asBoolean();
  }

  @ParameterizedTest
  @EnumSource(names = "TS", mode = EnumSource.Mode.EXCLUDE)
  void whatIsPublishedReachesAllOfItsTopicAndNoOther(ExampleLanguage language) {
    var topics = "/" + deploy(language, "pubsub");
    try (var publisher = talk(topics + "/news");
        var reader = talk(topics + "/news");
        var elsewhere = talk(topics + "/weather")) {
      for (var data :
          List.of("{\"n\":[1,2.5,null,true]}", "\"wake up\"", "null", "-9007199254740991")) {
        publisher.say("{\"type\":\"publish\",\"data\":" + data + "}");
        var expected = Talk.json("{\"type\":\"message\",\"data\":" + data + "}");
        assertEquals(expected, publisher.hearJson());
        assertEquals(expected, reader.hearJson());
      }
      assertEquals("error", publisher.ask("{\"type\":\"subscribe\"}").path("type").asText());
      elsewhere.say("{\"type\":\"publish\",\"data\":\"rain\"}");
      assertEquals("rain", elsewhere.hearJson().path("data").asText());
    }
  }

  @ParameterizedTest
  @EnumSource(names = "TS", mode = EnumSource.Mode.EXCLUDE)
  void theStoreObeysEveryCommandAndKeepsItsValues(ExampleLanguage language) {
    var stores = "/" + deploy(language, "redis-like");
    try (var client = talk(stores + "/cache")) {
      assertAnswers(
          client,
          Map.entry("{'command':'GET','key':'a'}", "{'status':'success','value':null}"),
          Map.entry("{'command':'KEYS'}", "{'status':'success','keys':[]}"),
          Map.entry("{'command':'SET','key':'a','value':'1'}", "{'status':'success','value':'1'}"),
          Map.entry(
              "{'command':'SET','key':'ä','value':{'x':[2.5,null]}}",
              "{'status':'success','value':{'x':[2.5,null]}}"),
          Map.entry("{'command':'SET','key':'b','value':-7}", "{'status':'success','value':-7}"),
          Map.entry("{'command':'GET','key':'a'}", "{'status':'success','value':'1'}"),
          Map.entry("{'command':'KEYS'}", "{'status':'success','keys':['a','b','ä']}"),
          Map.entry("{'command':'DEL','key':'b'}", "{'status':'success','deleted':true}"),
          Map.entry("{'command':'DEL','key':'b'}", "{'status':'success','deleted':false}"),
          Map.entry("{'command':'SET','key':'a','value':'2'}", "{'status':'success','value':'2'}"));
    }
    restart();
    try (var client = talk(stores + "/cache")) {
      assertAnswers(
          client,
          Map.entry("{'command':'GET','key':'a'}", "{'status':'success','value':'2'}"),
          Map.entry("{'command':'GET','key':'ä'}", "{'status':'success','value':{'x':[2.5,null]}}"),
          Map.entry("{'command':'KEYS'}", "{'status':'success','keys':['a','ä']}"));
    }
  }

  @SafeVarargs
  private static void assertAnswers(Talk client, Map.Entry<String, String>... exchanges) {
    for (var exchange : exchanges) {
      assertEquals(
          Talk.json(exchange.getValue().replace('\'', '"')),
          client.ask(exchange.getKey().replace('\'', '"')),
          exchange.getKey());
    }
  }

  @ParameterizedTest
  @EnumSource(names = "TS", mode = EnumSource.Mode.EXCLUDE)
  void theStoreAnswersMistakesAsErrorsAndGoesOn(ExampleLanguage language) {
    var stores = "/" + deploy(language, "redis-like");
    try (var client = talk(stores + "/cache")) {
      for (var bad :
          List.of(
              "nonsense",
              "{}",
              "[]",
              "{\"command\":\"FLUSH\"}",
              "{\"command\":\"GET\"}",
              "{\"command\":\"DEL\",\"key\":7}",
              "{\"command\":\"SET\",\"key\":\"\",\"value\":1}",
              "{\"command\":\"SET\",\"key\":\"a\"}",
              "{\"command\":\"SET\",\"key\":\"" + "x".repeat(3000) + "\",\"value\":1}")) {
        var answer = client.ask(bad);
        assertEquals("error", answer.path("status").asText(), bad);
        assertFalse(answer.path("message").asText().isBlank(), bad);
      }
      assertAnswers(client, Map.entry("{'command':'KEYS'}", "{'status':'success','keys':[]}"));
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {"JS_DIRECT", "TS"},
      mode = EnumSource.Mode.EXCLUDE)
  void theReminderFiresOnceAndNotEarly(ExampleLanguage language) {
    var reminder = "/" + deploy(language, "reminder") + "/tea";
    assertState(0, null, server.get(reminder).body());
    var before = System.currentTimeMillis();
    var set = Talk.json(server.post(reminder + "?in=1500", "").body());
    var due = set.path("alarm").asLong();
    assertTrue(due >= before + 1500 && due <= System.currentTimeMillis() + 1500, set::toString);
    assertState(0, due, set.toString());
    awaitFired(reminder, 1);
    assertTrue(System.currentTimeMillis() >= due, "it fired early");
    assertEquals(400, server.post(reminder + "?in=soon", "").statusCode());
    assertEquals(400, server.post(reminder, "").statusCode());
    server.post(reminder + "?in=0", "");
    awaitFired(reminder, 2);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"JS_DIRECT", "TS"},
      mode = EnumSource.Mode.EXCLUDE)
  void remindersSurviveARestartWhetherTheyFallDueBeforeOrAfterIt(ExampleLanguage language) {
    var reminders = "/" + deploy(language, "reminder");
    var due =
        Talk.json(server.post(reminders + "/later?in=8000", "").body()).path("alarm").asLong();
    server.post(reminders + "/overdue?in=500", "");
    server.post(reminders + "/fired?in=0", "");
    awaitFired(reminders + "/fired", 1);
    server.close();
    Awaitility.await().until(() -> System.currentTimeMillis() > due - 7000);
    server = TestServer.start(data);
    awaitFired(reminders + "/overdue", 1);
    assertState(1, null, server.get(reminders + "/fired").body());
    awaitFired(reminders + "/later", 1);
    assertTrue(System.currentTimeMillis() >= due, "it fired early");
  }

  private void awaitFired(String reminder, int times) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertState(times, null, server.get(reminder).body()));
  }

  private static void assertState(int fired, Long alarm, String body) {
    assertEquals(Talk.json("{\"fired\":%d,\"alarm\":%d}".formatted(fired, alarm)), Talk.json(body));
  }

  private String deploy(ExampleLanguage language, String example) {
    var namespace = language.namespace(example);
    server.deploy(namespace, language.module(example));
    return namespace;
  }

  private void restart() {
    server.close();
    server = TestServer.start(data);
  }

  private Talk talk(String path) {
    return new Talk(server.client(), server.socket(path));
  }
}
