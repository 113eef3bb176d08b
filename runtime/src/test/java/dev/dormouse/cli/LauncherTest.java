package dev.dormouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher itself, in a checkout whose JDKs and Maven are scripts that write down how they were
 * called.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  @TempDir Path temp;

  private Path root;
  private Path jdks;
  private Path tools;

  record Ran(int status, String out, String err, long pid) {}

  @BeforeEach
  void aCheckoutWithSpacesInItsPath() throws IOException {
    root = Files.createDirectories(temp.resolve("a check out"));
    jdks = Files.createDirectories(temp.resolve("j d ks"));
    tools = Files.createDirectories(temp.resolve("tools"));
    Path launcher = repository().resolve("dormouse");
    Files.copy(
        launcher, root.resolve("dormouse"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    for (String folder : List.of(".mvn", "host-abi/src/main", "runtime/src/main")) {
      Files.createDirectories(root.resolve(folder));
    }
    for (String file :
        List.of("pom.xml", "host-abi/pom.xml", "runtime/pom.xml", "runtime/src/main/A.java")) {
      Files.writeString(root.resolve(file), "x");
    }
    script(
        tools.resolve("mvn"),
        """
        echo "$JAVA_HOME" >>"%s/builds"
        mkdir -p runtime/target/launcher/lib
        echo jar >runtime/target/launcher/dormouse-runtime-1.jar
        echo jar >runtime/target/launcher/lib/other.jar
        """
            .formatted(root));
  }

  @Test
  void aJdk25IsFoundThoughJavaHomeIs17() throws Exception {
    Path old = jdk("a-17", "17.0.15");
    jdk("b-25", "25.0.3");
    jdk("c-26", "26");
    Ran ran = run(builder("--help"), "JAVA_HOME", old.toString());
    assertEquals(0, ran.status(), ran.err());
    assertTrue(ran.out().startsWith("b-25: "), ran.out());
    assertTrue(ran.out().contains("dev.dormouse.Main --help"), ran.out());
    assertEquals(List.of(jdks.resolve("b-25").toString()), builds(), "Maven runs on that JDK too");
  }

  @Test
  void aNewerJdkServesWhereThereIsNo25() throws Exception {
    jdk("a-17", "17.0.15");
    jdk("c-26", "26-ea");
    Ran ran = run(builder("--help"));
    assertTrue(ran.out().startsWith("c-26: "), ran.out() + ran.err());
  }

  @Test
  void withoutAJdkOneLineSaysWhatToInstall() throws Exception {
    jdk("a-17", "17.0.15");
    Files.createDirectories(jdks.resolve("empty-25"));
    Ran ran = run(builder("--help"));
    assertEquals(1, ran.status());
    assertEquals("", ran.out());
    assertEquals(1, ran.err().lines().count(), ran.err());
    assertTrue(ran.err().contains("no JDK 25 or newer found; install one"), ran.err());
  }

  @Test
  void aJdkThatIsNamedButTooOldIsRefusedInOneLine() throws Exception {
    Path old = jdk("a-17", "17.0.15");
    jdk("b-25", "25.0.3");
    Ran ran = run(builder("--help"), "DORMOUSE_JAVA_HOME", old.toString());
    assertEquals(1, ran.status());
    assertEquals(1, ran.err().lines().count(), ran.err());
    assertTrue(ran.err().contains("is not a JDK of version 25 or newer"), ran.err());
  }

  @Test
  void itBuildsWhenASourceChangedAndOnlyThen() throws Exception {
    jdk("b-25", "25.0.3");
    run(builder("--help"));
    run(builder("--help"));
    assertEquals(1, builds().size());
    Path source = root.resolve("runtime/src/main/A.java");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    run(builder("--help"));
    assertEquals(2, builds().size());
  }

  @Test
  void commandsStartedAtOnceBuildOnce() throws Exception {
    jdk("b-25", "25.0.3");
    Files.writeString(tools.resolve("mvn"), "sleep 1\n", StandardOpenOption.APPEND);
    Process[] started = new Process[3];
    for (int i = 0; i < started.length; i++) {
      started[i] = builder("--help").start();
    }
    for (Process each : started) {
      Ran ran = finish(each);
      assertEquals(0, ran.status(), ran.err());
      assertTrue(ran.out().startsWith("b-25: "), ran.out());
    }
    assertEquals(1, builds().size());
  }

  @Test
  void aFailedBuildSaysWhyAndExitsOne() throws Exception {
    jdk("b-25", "25.0.3");
    script(tools.resolve("mvn"), "echo '[ERROR] A.java:[1,1] this is wrong'\nexit 1\n");
    Ran ran = run(builder("serve"));
    assertEquals(1, ran.status());
    assertEquals("", ran.out());
    assertTrue(ran.err().contains("A.java:[1,1] this is wrong"), ran.err());
    assertTrue(ran.err().contains("dormouse: the build failed"), ran.err());
  }

  @Test
  void withoutMavenOneLineSaysWhatToInstall() throws Exception {
    jdk("b-25", "25.0.3");
    Files.delete(tools.resolve("mvn"));
    ProcessBuilder builder = builder("--help");
    builder.environment().put("PATH", toolsWithoutMaven());
    Ran ran = run(builder);
    assertEquals(1, ran.status());
    assertEquals(1, ran.err().lines().count(), ran.err());
    assertTrue(ran.err().contains("install Maven 3.8 or newer"), ran.err());
  }

  @Test
  void mavenIsInstalledWhereThatCanBeDone() throws Exception {
    jdk("b-25", "25.0.3");
    Path packaged = Files.move(tools.resolve("mvn"), temp.resolve("mvn"));
    script(tools.resolve("id"), "echo 0\n");
    script(
        tools.resolve("apt-get"),
        "echo \"$@\" >>'%s/asked'\ncp '%s' '%s/mvn'\n".formatted(temp, packaged, tools));
    ProcessBuilder builder = builder("--help");
    builder.environment().put("PATH", toolsWithoutMaven());
    Ran ran = run(builder);
    assertEquals(0, ran.status(), ran.err());
    assertTrue(ran.out().startsWith("b-25: "), ran.out());
    String asked = Files.readString(temp.resolve("asked"));
    assertTrue(asked.contains(" maven"), asked);
  }

  @Test
  void testsThatLackAToolSayOnceEachWhatToInstall() throws Exception {
    Ran ran = run(testRun("echo 1000\n"));
    assertEquals(0, ran.status(), ran.err());
    assertEquals(3, ran.err().lines().count(), ran.err());
    assertTrue(ran.err().contains("apt-get install wabt\n"), ran.err());
    assertTrue(ran.err().contains("apt-get install chromium\n"), ran.err());
    assertTrue(ran.err().contains("no Node.js 20 or newer with npm; install it from"), ran.err());
  }

  @Test
  void aNodeThatIsTooOldIsNotInstalledForTheTests() throws Exception {
    script(tools.resolve("apt-get"), "echo \"$@\" >>'%s/asked'\n".formatted(temp));
    script(tools.resolve("apt-cache"), "echo '  Candidate: 18.20.4+dfsg-1'\n");
    Ran ran = run(testRun("echo 0\n"));
    assertEquals(0, ran.status(), ran.err());
    assertTrue(ran.err().contains("no Node.js 20 or newer with npm; install it from"), ran.err());
    String asked = Files.readString(temp.resolve("asked"));
    assertTrue(asked.contains(" wabt\n") && asked.contains(" chromium\n"), asked);
    assertFalse(asked.contains("nodejs"), asked);
  }

  @Test
  void nodeIsInstalledForTheTestsWhereItIsNewEnough() throws Exception {
    script(tools.resolve("apt-get"), "echo \"$@\" >>'%s/asked'\n".formatted(temp));
    script(tools.resolve("apt-cache"), "echo '  Candidate: 20.19.2+dfsg-1'\n");
    run(testRun("echo 0\n"));
    String asked = Files.readString(temp.resolve("asked"));
    assertTrue(asked.contains(" nodejs npm\n"), asked);
  }

  /** {@code dormouse test} of a checkout without SDKs, where nothing but Maven is installed. */
  private ProcessBuilder testRun(String id) throws IOException {
    jdk("b-25", "25.0.3");
    Path suite = Files.createDirectories(root.resolve(".ci")).resolve("test.sh");
    Files.copy(repository().resolve(".ci/test.sh"), suite);
    script(tools.resolve("id"), id);
    ProcessBuilder builder = builder("test");
    builder.environment().put("PATH", toolsWithoutMaven());
    return builder;
  }

  @Test
  void itWorksThroughASymbolicLinkFromAnyFolder() throws Exception {
    jdk("b-25", "25.0.3");
    Path link = temp.resolve("link");
    Files.createSymbolicLink(link, Path.of("a check out/dormouse"));
    Path second = Files.createSymbolicLink(tools.resolve("dm"), link);
    ProcessBuilder builder = builder("actors", "a b");
    builder.command().set(0, second.toString());
    builder.directory(jdks.toFile());
    Ran ran = run(builder);
    assertEquals(0, ran.status(), ran.err());
    assertTrue(ran.out().contains("-Ddormouse.home=" + root.toRealPath()), ran.out());
    assertTrue(ran.out().stripTrailing().endsWith("dev.dormouse.Main actors a b"), ran.out());
  }

  @Test
  void theServerGetsItsFlagsAndThePersonsOwnComeLast() throws Exception {
    jdk("b-25", "25.0.3");
    String server = run(builder("serve"), "DORMOUSE_JAVA_OPTS", "-Xmx1g -Dx=y").out();
    assertTrue(server.contains("-Xss24m"), server);
    assertTrue(server.contains("-XX:-DontCompileHugeMethods"), server);
    assertTrue(server.indexOf("-Xmx1g -Dx=y") > server.indexOf("-XX:MaxRAMPercentage=50"), server);
    String client = run(builder("namespaces")).out();
    assertTrue(client.contains("-XX:TieredStopAtLevel=1"), client);
    assertFalse(client.contains("-Xss24m"), client);
  }

  @Test
  void theServerIsGivenWhatTheJvmLearnedFromARehearsal() throws Exception {
    Path jdk = jdk("b-25", "25.0.3");
    Path calls = temp.resolve("calls");
    Path curtain = temp.resolve("curtain");
    rehearsing(
        jdk,
        ("until [ -e '" + curtain + "' ]; do sleep 0.05; done; ")
            + ("echo learned >\"${option#*=}\"; echo \"$*\" >'" + calls + "'"));
    String before = run(builder("serve")).out();
    assertFalse(before.contains("-XX:AOTCache="), before);
    Files.createFile(curtain);
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              String after = run(builder("serve")).out();
              assertTrue(after.contains("-XX:AOTCache=" + root.toRealPath()), after);
            });
    assertTrue(Files.readString(calls).contains("dev.dormouse.Rehearsal "));
    assertEquals(1, builds().size());
  }

  @Test
  void aRehearsalThatFailsLeavesNothing() throws Exception {
    Path jdk = jdk("b-25", "25.0.3");
    Path failed = temp.resolve("failed");
    rehearsing(jdk, "echo half >\"${option#*=}\"; touch '" + failed + "'; exit 1");
    run(builder("serve"));
    Path app = root.resolve(".cache/app");
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> Files.exists(failed) && learned(app).isEmpty());
    String after = run(builder("serve")).out();
    assertFalse(after.contains("-XX:AOTCache="), after);
  }

  /** Has the JDK do this when the launcher lets it learn. */
  private static void rehearsing(Path jdk, String work) throws IOException {
    Files.writeString(
        jdk.resolve("bin/java"),
        "for option; do case $option in -XX:AOTCacheOutput=*) " + work + " ;; esac; done\n",
        StandardOpenOption.APPEND);
  }

  private static List<Path> learned(Path app) throws IOException {
    try (var files = Files.walk(app)) {
      return files.filter(file -> file.toString().contains("server.aot")).toList();
    }
  }

  @Test
  void theLauncherBecomesTheJvmSoThatSignalsReachIt() throws Exception {
    jdk("b-25", "25.0.3");
    run(builder("serve"));
    Ran ran = run(builder("serve"));
    assertTrue(ran.out().contains(" pid " + ran.pid() + " "), ran.out() + " of " + ran.pid());
  }

  private static Path repository() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isExecutable(folder.resolve("dormouse"))) {
      folder = folder.getParent();
    }
    return java.util.Objects.requireNonNull(folder, "no launcher above the working directory");
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = Files.createDirectories(jdks.resolve(name).resolve("bin")).getParent();
    Files.writeString(
        home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    script(home.resolve("bin/java"), "echo \"" + name + ": pid $$ $*\"\n");
    script(home.resolve("bin/javac"), "exit 1\n");
    return home;
  }

  private static void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** PATH with everything the launcher calls, but no Maven. */
  private String toolsWithoutMaven() throws IOException {
    for (String tool :
        List.of(
            "sh",
            "dirname",
            "readlink",
            "sleep",
            "tail",
            "sed",
            "cut",
            "find",
            "head",
            "mkdir",
            "flock",
            "cat",
            "rm",
            "cp",
            "mv",
            "date",
            "getconf",
            "grep",
            "tee",
            "ls",
            "awk")) {
      for (String folder : List.of("/usr/bin", "/bin")) {
        Path real = Path.of(folder, tool);
        Path wrapper = tools.resolve(tool);
        if (Files.exists(real) && !Files.exists(wrapper)) {
          script(wrapper, "exec " + real + " \"$@\"\n");
        }
      }
    }
    return tools.toString();
  }

  private List<String> builds() throws IOException {
    Path builds = root.resolve("builds");
    return Files.exists(builds) ? Files.readAllLines(builds) : List.of();
  }

  private ProcessBuilder builder(String... args) {
    ProcessBuilder builder = new ProcessBuilder();
    builder.command().add(root.resolve("dormouse").toString());
    builder.command().addAll(List.of(args));
    var environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("DORMOUSE_") || name.equals("JAVA_HOME"));
    environment.put("DORMOUSE_JAVA_SEARCH", temp.resolve("none") + ":" + jdks);
    environment.put("PATH", tools + File.pathSeparator + environment.get("PATH"));
    return builder;
  }

  private static Ran run(ProcessBuilder builder, String... environment) throws Exception {
    for (int i = 0; i < environment.length; i += 2) {
      builder.environment().put(environment[i], environment[i + 1]);
    }
    return finish(builder.start());
  }

  private static Ran finish(Process process) throws Exception {
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the launcher ends");
    return new Ran(process.exitValue(), out, err, process.pid());
  }
}
