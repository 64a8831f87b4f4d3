package dev.precast.launcher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Which part may see which: the picture in the design, as rules. */
class ModuleRulesTest {
    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("/testkit/"))
            .importPackages("dev.precast");

    /** Pure: values in, values out. */
    private static final String[] CORE = {
        "dev.precast.converter.schema1..",
        "dev.precast.converter.docker2..",
        "dev.precast.converter.platform..",
        "dev.precast.converter.jws..",
        "dev.precast.serving.negotiation..",
        "dev.precast.ingest.notification..",
        "dev.precast.schemas.image..",
        "dev.precast.schemas.record..",
        "dev.precast.schemas.schema1..",
        "dev.precast.schemas.json..",
        "dev.precast.schemas.error.."
    };

    private static final String[] HTTP = {
        "io.javalin..", "org.eclipse.jetty..", "jakarta.servlet..", "java.net.http..", "com.sun.net.httpserver.."
    };

    @Test
    void product_isThere() {
        assertThat(PRODUCT.containPackage("dev.precast.schemas.kafka")).isTrue();
        for (String module : new String[] {"ingest", "converter", "serving", "broker", "launcher"}) {
            assertThat(PRODUCT.containPackage("dev.precast." + module))
                    .as(module)
                    .isTrue();
        }
    }

    @Test
    void schemas_seeNoOtherModule() {
        check(noClasses()
                .that()
                .resideInAPackage("dev.precast.schemas..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.precast.ingest..",
                        "dev.precast.converter..",
                        "dev.precast.serving..",
                        "dev.precast.broker..",
                        "dev.precast.launcher.."));
    }

    @Test
    void roles_neverSeeEachOther() {
        String[] roles = {"ingest", "converter", "serving"};
        for (String role : roles) {
            for (String other : roles) {
                if (!role.equals(other)) {
                    check(noClasses()
                            .that()
                            .resideInAPackage("dev.precast." + role + "..")
                            .should()
                            .dependOnClassesThat()
                            .resideInAPackage("dev.precast." + other + ".."));
                }
            }
            check(noClasses()
                    .that()
                    .resideInAPackage("dev.precast." + role + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("dev.precast.launcher..", "dev.precast.broker.."));
        }
    }

    @Test
    void broker_seesNoOtherModule() {
        check(noClasses()
                .that()
                .resideInAPackage("dev.precast.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.precast.schemas..",
                        "dev.precast.ingest..",
                        "dev.precast.converter..",
                        "dev.precast.serving..",
                        "dev.precast.launcher.."));
    }

    @Test
    void kafkaServer_isSeenByTheBrokerOnly() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("dev.precast.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("kafka..", "org.apache.kafka.server..", "org.apache.kafka.metadata.."));
    }

    @Test
    void streams_areSeenByTheTopologyOnly() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("dev.precast.converter.topology..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka.streams.."));
    }

    @Test
    void javalin_isSeenByAdaptersOnly() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.precast.ingest.webhook..", "dev.precast.serving.routes..", "dev.precast.launcher.admin..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.javalin.."));
    }

    @Test
    void converter_knowsNoHttp() {
        check(noClasses()
                .that()
                .resideInAPackage("dev.precast.converter..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(HTTP));
    }

    @Test
    void core_knowsNeitherKafkaNorHttpNorLogging() {
        check(noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..", "org.slf4j..", "io.micrometer..", "org.rocksdb.."));
        check(noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(HTTP));
    }

    @Test
    void core_asksNoClock() {
        check(noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class));
        check(noClasses().that().resideInAnyPackage(CORE).should().callMethod(Instant.class, "now"));
        check(noClasses().that().resideInAnyPackage(CORE).should().callMethod(System.class, "currentTimeMillis"));
        check(noClasses().that().resideInAnyPackage(CORE).should().callMethod(System.class, "nanoTime"));
    }

    @Test
    void names_areOfTheHouse() {
        check(classes()
                .that()
                .resideInAPackage("dev.precast..")
                .should()
                .haveNameNotMatching(".*(Manager|Helper|Util|Utils|Impl|Service)"));
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(PRODUCT);
    }
}
