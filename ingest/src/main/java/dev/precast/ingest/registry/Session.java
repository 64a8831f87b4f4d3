package dev.precast.ingest.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.ingest.registry.Answer.Cause;
import dev.precast.ingest.registry.RequestWatch.Operation;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.json.StrictJson;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Requests to the registry itself, with credentials where it asks for them, each counted by the breaker; and what its refusals
 * mean. Thread-safe.
 */
final class Session {
    static final List<String> ANY = List.of("*/*");

    private final Exchange exchange;
    private final Authorizer authorizer;
    private final Breaker breaker;
    private final Clock clock;

    Session(Exchange exchange, Authorizer authorizer, Breaker breaker, Clock clock) {
        this.exchange = exchange;
        this.authorizer = authorizer;
        this.breaker = breaker;
        this.clock = clock;
    }

    /** Of an object of its own. */
    Reply send(Operation operation, URI address, List<String> accept, String scope, int cap)
            throws Exchange.FailedException {
        return send(operation, address, accept, scope, cap, exchange.deadline());
    }

    /** @param address of the registry's own origin: it may see the credentials */
    Reply send(Operation operation, URI address, List<String> accept, String scope, int cap, Deadline deadline)
            throws Exchange.FailedException {
        Reply first = counted(operation, address, accept, authorizer.known(scope), cap, deadline);
        if (first.statusCode() != 401) {
            return first;
        }
        Optional<String> authorization = authorizer.answer(first.headers().allValues("WWW-Authenticate"), scope);
        return authorization.isEmpty() ? first : counted(operation, address, accept, authorization, cap, deadline);
    }

    private Reply counted(
            Operation operation,
            URI address,
            List<String> accept,
            Optional<String> authorization,
            int cap,
            Deadline deadline)
            throws Exchange.FailedException {
        try {
            Reply response = exchange.send(operation, address, accept, authorization, cap, deadline);
            if (response.statusCode() >= 500 || response.statusCode() == 429) {
                breaker.failed(retryAfter(response).orElse(Duration.ZERO));
            } else {
                breaker.succeeded();
            }
            return response;
        } catch (Exchange.FailedException e) {
            if (e.failure() == Cause.TIMEOUT || e.failure() == Cause.UNREACHABLE) {
                breaker.failed(Duration.ZERO);
            }
            throw e;
        }
    }

    /** What an answer other than 200 means. */
    <T> Answer<T> unexpected(Reply response, Set<String> absentCodes) {
        int status = response.statusCode();
        if (status == 404) {
            String code = errorCode(response);
            return absentCodes.contains(code)
                    ? new Answer.Absent<>(code)
                    : new Answer.Transient<>(
                            Cause.UNEXPECTED_ANSWER,
                            "404 without a registry's code: is this the registry?",
                            retryAfter(response));
        }
        return new Answer.Transient<>(
                cause(status), "The registry answered " + status + ", expected 200.", retryAfter(response));
    }

    /** Why a status is not what was hoped for. */
    static Cause cause(int status) {
        if (isRedirect(status)) {
            return Cause.REDIRECTED;
        }
        if (status == 401 || status == 403) {
            return Cause.UNAUTHORIZED;
        }
        if (status == 429) {
            return Cause.RATE_LIMITED;
        }
        return status >= 500 ? Cause.SERVER_ERROR : Cause.UNEXPECTED_ANSWER;
    }

    private Optional<Duration> retryAfter(Reply response) {
        return RetryAfter.of(response, clock);
    }

    /** The first code in a registry's error body (distribution-spec v1.1 "Error Codes"); empty when it is none. */
    static String errorCode(Reply response) {
        try {
            JsonNode root = StrictJson.read(response.body().bytes(), "error", RefusalReason.MALFORMED_MANIFEST);
            return root.path("errors").path(0).path("code").asText("");
        } catch (RefusedException e) {
            return "";
        }
    }

    static boolean isRedirect(int status) {
        return status >= 300 && status < 400;
    }

    static String pullScope(String repository) {
        return "repository:" + repository + ":pull";
    }
}
