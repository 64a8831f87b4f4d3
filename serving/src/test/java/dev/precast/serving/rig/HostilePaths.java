package dev.precast.serving.rig;

import dev.precast.schemas.image.Digest;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/** What attackers do to paths, and requests that two servers read differently. */
final class HostilePaths {
    static final List<String> ROUTES = List.of(
            "/v2/",
            "/v2/_catalog",
            "/v2/a/b/tags/list",
            "/v2/a/b/manifests/v1",
            "/v2/a/b/manifests/" + Digest.EMPTY_LAYER,
            "/v2/a/b/blobs/" + Digest.EMPTY_LAYER,
            "/v2/a/b/referrers/" + Digest.EMPTY_LAYER);

    static final List<UnaryOperator<String>> MUTATIONS = List.of(
            path -> path.replaceFirst("/v2/", "/v2/../v2/"),
            path -> path.replaceFirst("a/b", "a/../secret"),
            path -> path.replaceFirst("a/b", "a/%2e%2e/secret"),
            path -> path.replaceFirst("a/b", "a/%252e%252e/secret"),
            path -> path.replaceFirst("a/b", "a%2fb"),
            path -> path.replaceFirst("a/b", "a%5cb"),
            path -> path.replaceFirst("a/b", "a\\\\b"),
            path -> path.replaceFirst("a/b", "a//b"),
            path -> path.replaceFirst("a/b", "a/./b"),
            path -> path.replaceFirst("a/b", "A/B"),
            path -> path.replaceFirst("a/b", "a;x=1/b"),
            path -> path.replaceFirst("a/b", "%61/b"),
            path -> path.replaceFirst("a/b", "a/b%00"),
            path -> path.replaceFirst("a/b", "a/b%0d%0aX-Evil:%201"),
            path -> path.replaceFirst("a/b", "a/\u00e9"),
            path -> path.replaceFirst("a/b", "a/%c0%ae%c0%ae"),
            path -> path.replaceFirst("a/b", "@evil.invalid:80"),
            path -> path.replaceFirst("a/b", "a/b".repeat(90)),
            path -> path + "/",
            path -> path + "/..",
            path -> path + "%20",
            path -> path + "?x=../../y&last=%2e%2e&n=-1",
            path -> path + "#fragment",
            path -> path + "%zz",
            path -> "/" + path,
            path -> "http://evil.invalid" + path,
            path -> path.replace("sha256:", "sha256%3A"),
            path -> path.replace("sha256:", "SHA256:"),
            path -> path.replace("/v2/", "/V2/"));

    private static final String SMUGGLED = "GET /v2/smuggled/app/tags/list HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String START = "GET /v2/a/b/manifests/v1 HTTP/1.1\r\nHost: a\r\n";

    private static final String LAST = START + "Connection: close\r\n";

    /** Each a connection's whole input, with a request inside that must not be answered. */
    static final List<String> SMUGGLING = List.of(
            START + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
            START + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n5\r\nabcde\r\n0\r\n\r\n" + SMUGGLED,
            START + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
            START + "Transfer-Encoding: xchunked\r\n\r\n" + SMUGGLED,
            START + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
            START + "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
            START + "Transfer-Encoding: chunked\r\n\r\n1;a=\"\r\n\r\n0\r\n\r\n" + SMUGGLED + "\"\r\nX\r\n0\r\n\r\n",
            START + "Transfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n" + SMUGGLED,
            START + "Transfer-Encoding: chunked\r\n\r\n-1\r\n" + SMUGGLED,
            START + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n" + SMUGGLED,
            START + "Content-Length: " + SMUGGLED.length() + "\r\n\r\n" + SMUGGLED,
            START + "Content-Length: 5\r\nContent-Length: 0\r\n\r\n" + SMUGGLED,
            START + "Content-Length: +5\r\n\r\n" + SMUGGLED,
            START + "Content-Length: -5\r\n\r\n" + SMUGGLED,
            START + "Content-Length: 0x5\r\n\r\n" + SMUGGLED,
            START + "Content-Length: 5, 5\r\n\r\n" + SMUGGLED,
            START + "Content-Length: 99999999999999999999\r\n\r\n" + SMUGGLED,
            START + "Content-Length\u000b: 5\r\n\r\n" + SMUGGLED,
            LAST + "Accept: a\r\n b\r\n\r\n" + SMUGGLED,
            LAST + "\tAccept: a\r\n\r\n" + SMUGGLED,
            LAST + "Host: b\r\n\r\n" + SMUGGLED,
            LAST + "X: a\0b\r\n\r\n" + SMUGGLED,
            LAST + "X: a\rY: b\r\n\r\n" + SMUGGLED,
            LAST + ": empty\r\n\r\n" + SMUGGLED,
            LAST + "NoColon\r\n\r\n" + SMUGGLED,
            "GET  /v2/a/b/manifests/v1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + SMUGGLED,
            "GET /v2/a/b/manifests/v1 HTTP/1.1 \r\nHost: a\r\nConnection: close\r\n\r\n" + SMUGGLED,
            "GET /v2/a b/manifests/v1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + SMUGGLED,
            "GET /v2/a/b/manifests/v1 HTTP/0.9\r\nHost: a\r\n\r\n" + SMUGGLED,
            "GET /v2/a/b/manifests/v1\r\n" + SMUGGLED,
            "GET http://b/v2/a/b/manifests/v1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + SMUGGLED,
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SMUGGLED,
            "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + SMUGGLED,
            "CONNECT evil.invalid:80 HTTP/1.1\r\nHost: evil.invalid:80\r\nConnection: close\r\n\r\n" + SMUGGLED,
            "TRACE /v2/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + SMUGGLED,
            "get /v2/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + SMUGGLED,
            "GET /v2/ HTTP/1.1\nHost: a\nContent-Length: 3\n\nabc" + SMUGGLED,
            "GET /v2/ HTTP/1.1\nHost: a\nConnection: close\n\n" + SMUGGLED,
            "GET /v2/ HTTP/1.1\r\nConnection: close\r\n\r\n" + SMUGGLED,
            "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003\r\n\r\n" + SMUGGLED);

    private static final List<String> METHODS =
            List.of("GET", "GET", "GET", "GET", "HEAD", "HEAD", "POST", "TRACE", "DELETE", "get", "G\u00cbT");
    private static final List<String> HEADERS = List.of(
            "Accept: */*",
            "Accept: application/vnd.docker.distribution.manifest.v2+json;q=0.0001",
            "Accept: ,;,=/;q=,*/",
            "Range: bytes=0-",
            "Range: bytes=-99999999999999999999,1-0",
            "If-None-Match: \"\", W/\"x, *",
            "Authorization: Basic !!!",
            "Authorization: Bearer ...",
            "Authorization: Basic \u00ff",
            "X-Forwarded-Host: evil.invalid",
            "Host: evil.invalid",
            "X-HTTP-Method-Override: DELETE",
            "Expect: 100-continue",
            "Upgrade: h2c",
            "Content-Length: 0",
            "User-Agent: \u00ff\u0080");

    private HostilePaths() {}

    /** A request made of random mutations, bytes, methods and headers. */
    static String random(Random random) {
        String path = pick(ROUTES, random);
        for (int i = random.nextInt(4); i > 0; i--) {
            path = pick(MUTATIONS, random).apply(path);
        }
        StringBuilder bytes = new StringBuilder(path);
        for (int i = random.nextInt(3); i > 0; i--) {
            bytes.setCharAt(random.nextInt(bytes.length()), (char)
                    (random.nextInt(4) == 0 ? random.nextInt(256) : 33 + random.nextInt(94)));
        }
        StringBuilder request = new StringBuilder(pick(METHODS, random) + " " + bytes + " HTTP/1.1\r\nHost: a\r\n");
        for (int i = random.nextInt(4); i > 0; i--) {
            request.append(pick(HEADERS, random)).append("\r\n");
        }
        return request.append("\r\n").toString();
    }

    private static <T> T pick(List<T> from, Random random) {
        return from.get(random.nextInt(from.size()));
    }
}
