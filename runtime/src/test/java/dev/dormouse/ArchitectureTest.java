package dev.dormouse;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** The dependency rules of ARCHITECTURE.md, read from the class files. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.dormouse");

  @Test
  void onlyTheGatewayKnowsHelidon() {
    onlyIn("io.helidon..", "dev.dormouse.gateway..");
  }

  @Test
  void onlyTheChicoryEngineKnowsChicory() {
    onlyIn("com.dylibso.chicory..", "dev.dormouse.guest.chicory..");
  }

  @Test
  void onlyTheH2StoreKnowsH2() {
    onlyIn("org.h2..", "dev.dormouse.storage.h2..");
    onlyIn("java.sql..", "dev.dormouse.storage.h2..");
  }

  @Test
  void theGuestContractNeedsOnlyTheJavaBase() {
    classes()
        .that()
        .resideInAPackage("dev.dormouse.abi..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.dormouse.abi..", "java..")
        .check(CLASSES);
  }

  @Test
  void timeAndChanceComeThroughTheirSeam() {
    var elsewhere = noClasses().that().resideOutsideOfPackage("dev.dormouse.time..").should();
    elsewhere.callMethod(System.class, "currentTimeMillis").check(CLASSES);
    elsewhere.callMethod(System.class, "nanoTime").check(CLASSES);
    elsewhere.callMethod(Thread.class, "sleep", long.class).check(CLASSES);
    elsewhere.callMethod(Thread.class, "sleep", java.time.Duration.class).check(CLASSES);
    elsewhere.callMethod(Math.class, "random").check(CLASSES);
    elsewhere.dependOnClassesThat().areAssignableTo(Random.class).check(CLASSES);
    elsewhere.dependOnClassesThat().areAssignableTo(ThreadLocalRandom.class).check(CLASSES);
  }

  @Test
  void nobodyAsksForAFileStore() {
    // It is not to be had where the mount table does not list the root folder, as in a plain
    // chroot.
    noClasses().should().callMethod(Files.class, "getFileStore", Path.class).check(CLASSES);
  }

  @Test
  void nobodyInterruptsThreads() {
    // An interrupt that reaches a thread in file I/O closes the file for everybody.
    for (var room : new String[] {"actor", "guest", "host", "gateway"}) {
      noClasses()
          .that()
          .resideInAPackage("dev.dormouse." + room + "..")
          .should()
          .callMethod(Thread.class, "interrupt")
          .check(CLASSES);
    }
  }

  @Test
  void arrowsRunOneWay() {
    mustNotKnow("actor", "gateway", "host", "cli");
    mustNotKnow("guest", "actor", "storage", "module", "host", "gateway", "cli");
    mustNotKnow("storage", "actor", "guest", "module", "host", "gateway", "cli");
    mustNotKnow("module", "actor", "host", "storage", "gateway", "cli");
    mustNotKnow("observe", "actor", "guest", "storage", "module", "host", "gateway", "cli");
    mustNotKnow("host", "storage.h2", "guest.chicory", "gateway", "cli");
    mustNotKnow("gateway", "storage.h2", "guest", "host", "cli");
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching("dev.dormouse.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  private static void onlyIn(String library, String home) {
    noClasses()
        .that()
        .resideOutsideOfPackage(home)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CLASSES);
  }

  private static void mustNotKnow(String from, String... others) {
    for (var other : others) {
      noClasses()
          .that()
          .resideInAPackage("dev.dormouse." + from + "..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.dormouse." + other + "..")
          .check(CLASSES);
    }
  }
}
