package dev.precast.serving.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientKindTest {
    @ParameterizedTest
    @CsvSource({
        "docker/1.6.2 go/go1.4.2 git-commit/7c8fca2 kernel/3.13.0 os/linux arch/amd64, DOCKER_1_6",
        "docker/1.9.1 go/go1.4.3, DOCKER_1_6",
        "docker/1.10.3 go/go1.5.3, DOCKER_1_10",
        "docker/1.13.1 go/go1.7.5, DOCKER_1_10",
        "docker/17.03.0-ce, DOCKER_1_10",
        "docker/18.09.9 go/go1.11.13, DOCKER_1_10",
        "docker/19.03.15, DOCKER_19",
        "docker/28.2.2, DOCKER_19",
        "docker/, OTHER",
        "docker/x, OTHER",
        "containerd/1.7.0, CONTAINERD",
        "containers/5.23.1 (github.com/containers/image), CONTAINERS_IMAGE",
        "skopeo/1.9.3, CONTAINERS_IMAGE",
        "libpod/4.3.1, CONTAINERS_IMAGE",
        "Buildah/1.28.2, CONTAINERS_IMAGE",
        "jib 0.27.0 jib-core Google-HTTP-Java-Client/1.42.2 (gzip), JIB",
        "curl/7.88.1, CURL",
        "Go-http-client/1.1, GO",
        "something else, OTHER"
    })
    void of_userAgent(String userAgent, ClientKind expected) {
        assertThat(ClientKind.of(userAgent)).isEqualTo(expected);
    }

    @Test
    void of_nothing() {
        assertThat(ClientKind.of(null)).isEqualTo(ClientKind.NONE);
        assertThat(ClientKind.of("")).isEqualTo(ClientKind.NONE);
    }
}
