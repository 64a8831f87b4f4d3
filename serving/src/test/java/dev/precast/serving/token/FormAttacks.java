package dev.precast.serving.token;

import static dev.precast.serving.support.TestTokens.base64;
import static dev.precast.serving.support.TestTokens.header;
import static dev.precast.serving.token.TokenForge.RSA;
import static dev.precast.serving.token.TokenForge.claimsText;
import static dev.precast.serving.token.TokenForge.kid;
import static dev.precast.serving.token.TokenForge.raw;
import static dev.precast.serving.token.TokenForge.signed;
import static dev.precast.serving.token.TokenForge.withHeader;

import java.util.List;

/** On how a token is written. */
final class FormAttacks {
    private FormAttacks() {}

    static void addTo(List<Attack> all) throws Exception {
        String good = signed(claims -> {});
        String kid = kid(RSA);
        all.add(new Attack(
                "form",
                "`crit` with an extension",
                "HEADER",
                withHeader("{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"crit\":[\"x\"],\"x\":1}")));
        all.add(new Attack(
                "form",
                "`crit` with `exp`",
                "HEADER",
                withHeader("{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"crit\":[\"exp\"],\"exp\":1}")));
        all.add(new Attack(
                "form",
                "`b64` false",
                "HEADER",
                withHeader("{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"b64\":false,\"crit\":[\"b64\"]}")));
        all.add(new Attack(
                "form",
                "`typ` JWE",
                "HEADER",
                withHeader("{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"typ\":\"JWE\"}")));
        all.add(new Attack(
                "form",
                "`alg` twice",
                "MALFORMED",
                withHeader("{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"" + kid + "\"}")));
        all.add(new Attack(
                "form",
                "`kid` twice",
                "MALFORMED",
                withHeader("{\"alg\":\"RS256\",\"kid\":\"x\",\"kid\":\"" + kid + "\"}")));
        all.add(new Attack(
                "form",
                "`ALG` beside `alg`",
                "MALFORMED",
                withHeader("{\"alg\":\"RS256\",\"ALG\":\"none\",\"kid\":\"" + kid + "\"}")));
        all.add(new Attack("form", "1 MiB long", "TOO_LONG", good + "A".repeat(1 << 20)));
        all.add(new Attack(
                "form",
                "a header of 16 KiB",
                "TOO_LONG",
                withHeader("{\"alg\":\"RS256\",\"x\":\"" + "a".repeat(16 << 10) + "\"}")));
        all.add(raw("form", "claims nested 10,000 deep", "MALFORMED", "[".repeat(10_000)));
        all.add(raw("form", "claims nested 65 deep", "MALFORMED", "{\"a\":" + "[".repeat(65) + "]".repeat(65) + "}"));
        all.add(new Attack(
                "form", "header nested 5,000 deep", "MALFORMED", base64("{\"alg\":" + "[".repeat(5_000)) + ".e30.AA"));
        all.add(raw("form", "claims that are a list", "MALFORMED", "[1]"));
        all.add(raw("form", "claims with a byte-order mark", "MALFORMED", "\uFEFF" + claimsText()));
        all.add(raw("form", "claims followed by more", "MALFORMED", claimsText() + "{}"));
        all.add(new Attack(
                "form",
                "claims that are not UTF-8",
                "MALFORMED",
                base64(header("RS256", kid)) + "." + base64(new byte[] {'{', (byte) 0xFF, '}'}) + ".AA"));
        all.add(new Attack("form", "two parts", "MALFORMED", good.substring(0, good.lastIndexOf('.'))));
        all.add(new Attack("form", "four parts", "MALFORMED", good + ".AA"));
        all.add(new Attack(
                "form", "five parts, as encrypted tokens have", "MALFORMED", "eyJhbGciOiJkaXIifQ..AA.AA.AA"));
        all.add(new Attack("form", "the JSON form of a JWS", "MALFORMED", "{\"payload\":\"e30\",\"signatures\":[]}"));
        all.add(new Attack("form", "padding", "MALFORMED", good + "=="));
        all.add(new Attack("form", "a blank within", "MALFORMED", good.replaceFirst("\\.", ". ")));
        all.add(new Attack("form", "dots only", "MALFORMED", ".."));
        all.add(new Attack("form", "nothing", "MALFORMED", ""));
    }
}
