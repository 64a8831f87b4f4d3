package dev.precast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.client.RegistryReader.Answer;
import dev.precast.e2e.image.ExampleImage;
import dev.precast.e2e.tool.Converting;
import dev.precast.e2e.tool.Skopeo;
import dev.precast.e2e.tool.Stack;
import dev.precast.schemas.image.MediaTypes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors are the registry's JSON, with conversion on too. */
@Converting
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ErrorsIT {
    private Stack stack;

    @BeforeAll
    void push(Stack stack) {
        this.stack = stack;
        stack.pushAndAwait(ExampleImage.saying("errors"), "errors/app", "1", Skopeo.Format.SCHEMA2);
    }

    @ParameterizedTest
    @CsvSource({
        "/v2/errors/app/manifests/absent, 404, MANIFEST_UNKNOWN",
        "/v2/errors/absent/manifests/1, 404, MANIFEST_UNKNOWN",
        "/v2/errors/app/manifests/sha256:0000000000000000000000000000000000000000000000000000000000000000, 404, MANIFEST_UNKNOWN",
        "/v2/errors/app/blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000, 404, BLOB_UNKNOWN",
        "/v2/errors/absent/tags/list, 404, NAME_UNKNOWN",
        "/v2/Errors/App/manifests/1, 400, NAME_INVALID"
    })
    void badRequest_isAnsweredInTheRegistrysForm(String path, int status, String code) {
        Answer answer = stack.served().get(path, MediaTypes.SCHEMA1_SIGNED);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.contentType()).startsWith("application/json");
        assertThat(answer.json().at("/errors/0/code").asText()).isEqualTo(code);
        assertThat(answer.json().at("/errors/0/message").asText()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
    void writing_isUnsupported(String method) {
        Answer answer = stack.served().request(method, "/v2/errors/app/manifests/1");
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.json().at("/errors/0/code").asText()).isEqualTo("UNSUPPORTED");
    }
}
