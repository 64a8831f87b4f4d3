package dev.precast.schemas.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page is made from the table: {@code mvn -pl schemas test -Dtest=RefusalReasonDocumentTest -Dupdate.docs=true} makes it anew. */
class RefusalReasonDocumentTest {
    private static final Path PAGE = Path.of("..", "docs", "ERRORS.md");

    @Test
    void page_isMadeFromTheTable() throws Exception {
        String page = page();
        if (Boolean.getBoolean("update.docs")) {
            Files.writeString(PAGE, page);
        }
        assertThat(PAGE).content().isEqualTo(page);
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Why an image is not offered in an older format

                A client that could only have used the refused format gets `404` with code `MANIFEST_UNKNOWN` and
                `"detail": {"reason": CODE, "message": what was found}`. `precast inspect REPOSITORY:TAG` shows the same.
                Clients that take the stored format are never affected.

                <!-- Made from RefusalReason.java; its test says how. -->

                | reason | status | what it means | what to do |
                |---|---|---|---|
                """);
        for (RefusalReason reason : RefusalReason.values()) {
            page.append("| `")
                    .append(reason.name())
                    .append("` | ")
                    .append(reason.httpStatus())
                    .append(" | ");
            page.append(reason.sentence())
                    .append(" | ")
                    .append(reason.nextStep())
                    .append(" |\n");
        }
        page.append("""

                While an older format is still being built, the reason is `PENDING`, with a `Retry-After`: the registry has the tag,
                and serving has told ingest so. If it stays, `precast inspect` shows how far the tag has come.
                """);
        return page.toString();
    }
}
