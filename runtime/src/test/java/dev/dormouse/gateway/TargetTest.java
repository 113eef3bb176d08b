package dev.dormouse.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.identity.ActorId;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
  @ParameterizedTest
  @CsvSource({
    "/ns/a, ns, a, /",
    "/ns/a/, ns, a, /",
    "/ns/a//, ns, a, //",
    "/ns/a/b/c, ns, a, /b/c",
    "/ns/a%2Fb/c%2Fd, ns, a/b, /c%2Fd",
    "/ns/%C3%A4, ns, ä, /",
    "/ns/%f0%9f%92%a9, ns, 💩, /",
    "/ns/a+b, ns, a+b, /",
    "/ns/a%2Bb%20c, ns, a+b c, /",
    "/ns/%25, ns, %, /",
    "/ns/a/../b, ns, a, /../b",
    "/ns/.../x, ns, ..., /x",
    "/ns/a;p=1/x, ns, a;p=1, /x",
    "/NS/a, NS, a, /",
  })
  void aPathNamesAnActorAndKeepsTheRestAsSent(
      String path, String namespace, String actor, String rest) {
    assertEquals(new Target(new ActorId(namespace, actor), rest), Target.parse(path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ns/a",
        "*",
        "//a",
        "/ns/",
        "/ns//x",
        "/ns/%",
        "/ns/%4",
        "/ns/%zz",
        "/ns/%-1",
        "/ns/% 41",
        "/ns/a%",
        "/ns/a%e",
        "/ns/%ff",
        "/ns/%c3",
        "/ns/%c0%80",
        "/ns/%ed%a0%80",
        "/ns/%f4%90%80%80",
        "/ns/%00",
        "/ns/.",
        "/ns/..",
        "/ns/%2e%2e",
        "/../a",
        "/ns/a b",
        "/ns/ä",
        "/%zz",
      })
  void aPathThatIsNotWellFormedIsABadRequest(String path) {
    assertEquals(Code.BAD_REQUEST, assertThrows(UserFault.class, () -> Target.parse(path)).code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/ns", "/favicon.ico"})
  void aPathThatNamesNoActorIsNotFoundAndSaysHow(String path) {
    var fault = assertThrows(UserFault.class, () -> Target.parse(path));
    assertEquals(Code.NOT_FOUND, fault.code());
    assertTrue(String.valueOf(fault.getMessage()).contains("/{namespace}/{actor}"));
  }

  @Test
  void aNameHasAtMost512BytesHoweverTheyAreWritten() {
    assertEquals(512, Target.parse("/ns/" + "a".repeat(512)).actor().name().length());
    assertEquals(512, Target.parse("/ns/" + "%61".repeat(512)).actor().name().length());
    assertEquals(256, Target.parse("/ns/" + "%C3%A4".repeat(256)).actor().name().length());
    assertThrows(UserFault.class, () -> Target.parse("/ns/" + "a".repeat(513)));
    assertThrows(UserFault.class, () -> Target.parse("/ns/" + "%C3%A4".repeat(257)));
    assertThrows(UserFault.class, () -> Target.parse("/ns/" + "%f0%9f%92%a9".repeat(129)));
  }

  @Test
  void anyNameSurvivesEncodingAndDecoding() {
    var random = new Random(7);
    for (int round = 0; round < 2_000; round++) {
      var name = new StringBuilder();
      int length = 1 + random.nextInt(20);
      for (int i = 0; i < length; i++) {
        int point = 1 + random.nextInt(Character.MAX_CODE_POINT);
        boolean surrogate = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
        name.appendCodePoint(surrogate ? '/' : point);
      }
      var encoded = new StringBuilder("/ns/");
      for (byte b : name.toString().getBytes(StandardCharsets.UTF_8)) {
        encoded.append("%%%02x".formatted(b & 0xff));
      }
      assertEquals(name.toString(), Target.parse(encoded.toString()).actor().name());
    }
  }

  @Test
  void noPathWhateverItHoldsDoesMoreThanBeRefused() {
    var random = new Random(11);
    var alphabet = "/%.az09?#;+ü\0 \uFFFD";
    for (int round = 0; round < 20_000; round++) {
      var path = new StringBuilder();
      int length = random.nextInt(24);
      for (int i = 0; i < length; i++) {
        path.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        var target = Target.parse(path.toString());
        assertTrue(target.rest().startsWith("/"));
        assertTrue(path.toString().endsWith(target.rest()) || target.rest().equals("/"));
      } catch (UserFault refused) {
        assertTrue(refused.code() == Code.BAD_REQUEST || refused.code() == Code.NOT_FOUND);
      }
    }
  }
}
