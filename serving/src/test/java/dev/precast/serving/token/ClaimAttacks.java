package dev.precast.serving.token;

import static dev.precast.serving.support.TestTokens.access;
import static dev.precast.serving.token.TokenForge.ISSUER;
import static dev.precast.serving.token.TokenForge.NOW;
import static dev.precast.serving.token.TokenForge.REPOSITORY;
import static dev.precast.serving.token.TokenForge.SERVICE;
import static dev.precast.serving.token.TokenForge.bad;
import static dev.precast.serving.token.TokenForge.claimsText;
import static dev.precast.serving.token.TokenForge.raw;
import static dev.precast.serving.token.TokenForge.scope;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** On what a token says. */
final class ClaimAttacks {
    private ClaimAttacks() {}

    static void addTo(List<Attack> all) {
        times(all);
        claims(all);
        scopes(all);
    }

    private static void times(List<Attack> all) {
        long now = NOW.getEpochSecond();
        all.add(bad("time", "expired an hour ago", "EXPIRED", c -> c.put("exp", now - 3600)));
        all.add(bad("time", "expired 60 s ago, the leeway used up", "EXPIRED", c -> c.put("exp", now - 60)));
        all.add(bad("time", "no `exp`", "EXPIRED", c -> c.remove("exp")));
        all.add(bad("time", "`exp` null", "EXPIRED", c -> c.putNull("exp")));
        all.add(bad("time", "`exp` as text", "EXPIRED", c -> c.put("exp", Long.toString(now + 300))));
        all.add(bad("time", "`exp` with a fraction", "EXPIRED", c -> c.put("exp", now + 300.5)));
        all.add(bad("time", "`exp` negative", "EXPIRED", c -> c.put("exp", -1)));
        all.add(bad("time", "`exp` beyond the year 9999", "EXPIRED", c -> c.put("exp", Long.MAX_VALUE)));
        all.add(raw(
                "time",
                "`exp` of a hundred digits",
                "EXPIRED",
                claimsText().replaceFirst("\"exp\":\\d+", "\"exp\":1" + "0".repeat(99))));
        all.add(raw(
                "time",
                "`exp` as 1e999999999",
                "EXPIRED",
                claimsText().replaceFirst("\"exp\":\\d+", "\"exp\":1e999999999")));
        all.add(bad("time", "valid from in two minutes (`nbf`)", "NOT_YET", c -> c.put("nbf", now + 120)));
        all.add(bad("time", "issued in two minutes (`iat`)", "NOT_YET", c -> c.put("iat", now + 120)));
        all.add(bad("time", "`nbf` as text", "NOT_YET", c -> c.put("nbf", "0")));
        all.add(bad("time", "valid for a year", "LIFETIME", c -> c.put("exp", now + 31_536_000)));
        all.add(bad(
                "time",
                "valid for two hours, one of them gone",
                "LIFETIME",
                c -> c.put("iat", now - 3600).put("exp", now + 3600)));
    }

    private static void claims(List<Attack> all) {
        all.add(bad("issuer", "another issuer", "ISSUER", c -> c.put("iss", "evil.example")));
        all.add(bad("issuer", "no issuer", "ISSUER", c -> c.remove("iss")));
        all.add(bad("issuer", "the issuer with a slash", "ISSUER", c -> c.put("iss", ISSUER + "/")));
        all.add(bad("issuer", "the issuer in capitals", "ISSUER", c -> c.put("iss", "AUTH.EXAMPLE")));
        all.add(bad(
                "issuer",
                "a list with the issuer",
                "ISSUER",
                c -> c.putArray("iss").add(ISSUER)));
        all.add(bad("audience", "another audience", "AUDIENCE", c -> c.put("aud", "other.example")));
        all.add(bad("audience", "no audience", "AUDIENCE", c -> c.remove("aud")));
        all.add(bad(
                "audience",
                "a list of other audiences",
                "AUDIENCE",
                c -> c.putArray("aud").add("a").add("b")));
        all.add(bad("audience", "an empty list", "AUDIENCE", c -> c.putArray("aud")));
        all.add(bad("audience", "an audience that starts the same", "AUDIENCE", c -> c.put("aud", SERVICE + ".evil")));
        all.add(raw("claims", "`exp` twice", "MALFORMED", claimsText().replaceFirst("\\{", "{\"exp\":99999999999,")));
        all.add(raw(
                "claims", "`iss` twice", "MALFORMED", claimsText().replaceFirst("\\{", "{\"iss\":\"auth.example\",")));
        all.add(raw(
                "claims",
                "`EXP` beside `exp`",
                "MALFORMED",
                claimsText().replaceFirst("\\{", "{\"EXP\":99999999999,")));
        all.add(raw(
                "claims",
                "`iſs` (U+017F) beside `iss`",
                "MALFORMED",
                claimsText().replaceFirst("\\{", "{\"i\u017fs\":\"x\",")));
        all.add(raw(
                "claims",
                "`Access` beside `access`",
                "MALFORMED",
                claimsText().replaceFirst("\\{", "{\"Access\":[],")));
        all.add(bad(
                "claims",
                "`access` an object",
                "ACCESS",
                c -> c.putObject("access").put("type", "repository")));
        all.add(bad(
                "claims",
                "`access` with a text inside",
                "ACCESS",
                c -> c.putArray("access").add("repository:team/app:pull")));
        all.add(bad(
                "claims",
                "`actions` a text",
                "ACCESS",
                c -> c.putArray("access")
                        .addObject()
                        .put("type", "repository")
                        .put("name", REPOSITORY)
                        .put("actions", "pull")));
        all.add(bad(
                "claims",
                "`TYPE` beside `type`",
                "ACCESS",
                c -> ((ObjectNode) c.path("access").get(0)).put("TYPE", "repository")));
    }

    private static void scopes(List<Attack> all) {
        all.add(scope("no access at all", c -> {}));
        all.add(scope("another repository", c -> access(c, "repository", "team/other", "pull")));
        all.add(scope("the repository's parent", c -> access(c, "repository", "team", "pull")));
        all.add(scope("the repository with a slash", c -> access(c, "repository", "team/app/", "pull")));
        all.add(scope("the repository in capitals", c -> access(c, "repository", "TEAM/APP", "pull")));
        all.add(scope("a star for the repository", c -> access(c, "repository", "*", "pull")));
        all.add(scope("a pattern for the repository", c -> access(c, "repository", "team/*", "pull")));
        all.add(scope("push only", c -> access(c, "repository", REPOSITORY, "push")));
        all.add(scope("a star for the action", c -> access(c, "repository", REPOSITORY, "*")));
        all.add(scope("actions in one text", c -> access(c, "repository", REPOSITORY, "push,pull")));
        all.add(scope("PULL", c -> access(c, "repository", REPOSITORY, "PULL")));
        all.add(scope("no action", c -> access(c, "repository", REPOSITORY)));
        all.add(scope("the type of plugins", c -> access(c, "repository(plugin)", REPOSITORY, "pull")));
        all.add(scope("the type in capitals", c -> access(c, "Repository", REPOSITORY, "pull")));
        all.add(scope("the catalog", c -> access(c, "registry", "catalog", "*")));
    }
}
