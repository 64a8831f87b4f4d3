package dev.precast.converter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.converter.Conversion.Schema1;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.testkit.ImageCorpus;
import dev.precast.testkit.TestImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every item of the corpus, one test each: the golden payload, or the refusal that its defect is due. */
class CorpusTest {
    @TestFactory
    Stream<DynamicTest> convert_corpusItem() {
        return ImageCorpus.images().stream()
                .map(image -> DynamicTest.dynamicTest(image.repository(), () -> requireExpected(image)));
    }

    private static void requireExpected(TestImage image) throws IOException {
        Schema1 schema1 =
                ImageConverter.convert(image.record(), RepositorySettings.OFF).schema1();
        if (image.expected() != null) {
            assertThat(schema1)
                    .isInstanceOfSatisfying(
                            Schema1.Refused.class,
                            refused -> assertThat(refused.refusal().reason()).isEqualTo(image.expected()));
            return;
        }
        assertThat(schema1).isInstanceOf(Schema1.Payload.class);
        String golden = image.repository().replace("corpus/", "/golden/") + ".json";
        try (InputStream file = CorpusTest.class.getResourceAsStream(golden)) {
            if (file != null) {
                byte[] payload = ((Schema1.Payload) schema1).payload();
                assertThat(new String(payload, StandardCharsets.UTF_8))
                        .isEqualTo(new String(file.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }
}
