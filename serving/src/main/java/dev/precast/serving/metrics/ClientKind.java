package dev.precast.serving.metrics;

import org.jspecify.annotations.Nullable;

/**
 * What kind of client asks, by its User-Agent: for metrics only, nothing is decided by it. Docker's generations by what they
 * accept: 1.6 to 1.9 send no Accept at all, up to 18.09 they know no OCI.
 */
public enum ClientKind {
    /** Docker up to 1.9, which understands schema 1 only. */
    DOCKER_1_6("docker-1.6-1.9"),
    /** Docker 1.10 to 18.09: schema 2 and schema 1, no OCI. */
    DOCKER_1_10("docker-1.10-18.09"),
    /** Docker 19.03 and newer. */
    DOCKER_19("docker-19.03+"),
    CONTAINERD("containerd"),
    /** skopeo, podman, buildah, CRI-O: everything made with containers/image. */
    CONTAINERS_IMAGE("containers-image"),
    JIB("jib"),
    CURL("curl"),
    GO("go-http-client"),
    OTHER("other"),
    /** No User-Agent. */
    NONE("none");

    private static final String DOCKER = "docker/";
    private static final int DIGITS = 4;

    private final String label;

    ClientKind(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    /** Reads a User-Agent without making anything of it. */
    public static ClientKind of(@Nullable String userAgent) {
        if (userAgent == null || userAgent.isEmpty()) {
            return NONE;
        }
        if (userAgent.startsWith(DOCKER)) {
            return docker(userAgent);
        }
        if (userAgent.startsWith("containerd/")) {
            return CONTAINERD;
        }
        if (userAgent.startsWith("containers/")
                || userAgent.startsWith("skopeo/")
                || userAgent.startsWith("libpod/")
                || userAgent.startsWith("Buildah/")
                || userAgent.startsWith("buildah/")
                || userAgent.startsWith("cri-o/")) {
            return CONTAINERS_IMAGE;
        }
        if (userAgent.startsWith("jib")) {
            return JIB;
        }
        if (userAgent.startsWith("curl/")) {
            return CURL;
        }
        return userAgent.startsWith("Go-http-client/") ? GO : OTHER;
    }

    private static ClientKind docker(String userAgent) {
        int major = number(userAgent, DOCKER.length());
        if (major < 0) {
            return OTHER;
        }
        if (major > 1) {
            return major < 19 ? DOCKER_1_10 : DOCKER_19;
        }
        int minor = number(userAgent, userAgent.indexOf('.', DOCKER.length()) + 1);
        return minor >= 0 && minor < 10 ? DOCKER_1_6 : DOCKER_1_10;
    }

    /** The number at {@code start}; below zero when there is none. */
    private static int number(String text, int start) {
        int value = -1;
        for (int i = start; i < text.length() && i < start + DIGITS; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                break;
            }
            value = Math.max(0, value) * 10 + (c - '0');
        }
        return value;
    }
}
