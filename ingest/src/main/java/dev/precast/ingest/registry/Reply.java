package dev.precast.ingest.registry;

import java.net.http.HttpHeaders;

/** An answer, with as much of its body as may be read. */
record Reply(int statusCode, HttpHeaders headers, CappedBody.Body body) {}
