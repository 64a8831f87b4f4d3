package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.RepositorySettings.Wildcard;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Serving;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What operators say of a repository, and what the role says of itself. */
class RulesAndHealthIT extends BetweenTopicAndUpstream {
    private static final String ANYTHING = "Accept: */*";

    RulesAndHealthIT(KafkaConfig kafka) {
        super(kafka);
    }

    @Test
    void wildcardAndStrict_perPattern() {
        topic.set("rules/plain", new RepositorySettings(true, List.of()));
        topic.set("rules/native", new RepositorySettings(true, List.of(), Wildcard.NATIVE, false));
        topic.set("rules/strict", new RepositorySettings(true, List.of(), Wildcard.SCHEMA1, true));
        for (String repository : List.of("rules/plain", "rules/native", "rules/strict")) {
            has(repository);
            publish(repository);
        }
        try (Serving serving = start()) {
            Http http = serving.http();
            assertThat(type(http, "rules/plain", ANYTHING)).isEqualTo(MediaTypes.SCHEMA1_SIGNED);
            assertThat(type(http, "rules/native", ANYTHING)).isEqualTo(MediaTypes.SCHEMA2);
            assertThat(type(http, "rules/native", "Accept: " + MediaTypes.SCHEMA1_SIGNED))
                    .isEqualTo(MediaTypes.SCHEMA1_SIGNED);
            assertThat(type(http, "rules/plain", "Accept: text/plain")).isEqualTo(MediaTypes.SCHEMA1_SIGNED);
            assertThat(http.get("/v2/rules/strict/manifests/v1", "Accept: text/plain")
                            .status())
                    .isEqualTo(404);
        }
    }

    @Test
    void readerEnded_isNotLive_andServesOn() {
        topic.enable("health/*");
        has("health/app");
        VariantManifest manifest = publish("health/app");
        try (Serving serving = start()) {
            assertThat(serving.app().health().live()).isTrue();
            serving.stopReading();
            assertThat(serving.app().health().ready()).isFalse();
            assertThat(serving.app().health().detail()).contains("Restart the process");
            assertThat(serving.http().get("/v2/health/app/manifests/v1").body()).isEqualTo(manifest.content());
        }
    }

    @Test
    void diskAtTheMark_isNotReady() {
        try (Serving serving = Serving.start(
                kafka, upstream.url(), data, "serving.disk.alert.percent", "1", "serving.disk.stop.percent", "1")) {
            assertThat(serving.app().health().ready()).isFalse();
            assertThat(serving.app().health().live()).isTrue();
            assertThat(serving.app().health().detail()).contains("nothing is written until there is room");
            assertThat(serving.meters().get("precast.view.disk.used").gauge().value())
                    .isGreaterThanOrEqualTo(1);
        }
    }

    private static String type(Http http, String repository, String accept) {
        return http.get("/v2/" + repository + "/manifests/v1", accept)
                .header("Content-Type")
                .orElse("none");
    }
}
