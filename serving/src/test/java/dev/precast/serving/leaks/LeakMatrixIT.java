package dev.precast.serving.leaks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.leaks.PrivateRegistry.Repository;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.DockerRegistry;
import dev.precast.testkit.KafkaExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every mode, repository, caller, method and route: who may not read a repository gets for what exists exactly what it gets for
 * what does not; who may read one gets from it what is in it, and nothing of any other. The upstream is a real Distribution with
 * rights for each repository. {@code build-bin/leaks} writes the table.
 */
@ExtendWith(KafkaExtension.class)
class LeakMatrixIT {
    private static final int REPOSITORIES = Integer.getInteger("leaks.repositories", 20);
    private static final long SEED = Long.getLong("leaks.seed", 20161014L);
    private static final int AT_ONCE = 4;
    private static final Digest UNKNOWN = Digest.sha256("of nothing".getBytes(UTF_8));
    private static final Set<String> ALPHA = Set.of("alpha");
    private static final Set<String> BETA = Set.of("beta");

    /** One thing that can be asked of a repository, and whether it is in it. */
    private record Thing(String path, boolean inside, String digest) {}

    @Test
    void strangersLearnNothing(KafkaConfig kafka, @TempDir Path folder) throws Exception {
        assumeTrue(DockerRegistry.available(), DockerRegistry.HOW_TO_GET);
        Map<String, Tally> tallies = new LinkedHashMap<>();
        try (PrivateRegistry registry = new PrivateRegistry(folder, REPOSITORIES);
                VariantTopic topic = new VariantTopic(kafka)) {
            registry.publish(topic);
            for (String mode : List.of("upstream", "htpasswd", "token", "open")) {
                try (Serving serving =
                        Serving.start(kafka, registry.uri(), folder.resolve(mode), settings(mode, registry, folder))) {
                    serving.ready();
                    Probe probe = new Probe(
                            "http://127.0.0.1:" + serving.app().address().getPort());
                    tallies.put(mode, run(mode, registry, probe));
                }
            }
        }
        String table = table(tallies);
        System.out.println(table);
        String report = System.getProperty("leaks.report", "");
        if (!report.isEmpty()) {
            Files.createDirectories(Path.of(report).getParent());
            Files.writeString(Path.of(report), page(table));
        }
        tallies.forEach((mode, tally) -> {
            assertThat(tally.leaks().stream().limit(10)).as(mode).isEmpty();
            assertThat(tally.served()).as("served in mode " + mode).isPositive();
        });
        assertThat(tallies.values().stream().mapToInt(Tally::calls).sum())
                .as("calls, so that the matrix is what it says")
                .isGreaterThanOrEqualTo(REPOSITORIES * 1000);
    }

    private static Tally run(String mode, PrivateRegistry registry, Probe probe) throws Exception {
        List<Caller> callers = callers(mode, registry);
        awaitVariants(registry, callers, probe);
        Tally tally = new Tally();
        List<Callable<Boolean>> work = new ArrayList<>();
        for (Repository repository : registry.repositories()) {
            for (Caller caller : callers) {
                work.add(() -> {
                    matrix(repository, other(registry, repository), caller, probe, tally);
                    return true;
                });
            }
        }
        Collections.shuffle(work, new Random(SEED));
        ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE);
        try {
            for (Future<Boolean> done : executor.invokeAll(work)) {
                done.get();
            }
        } finally {
            executor.shutdown();
        }
        for (Caller caller : callers) {
            catalog(mode, registry, caller, probe, tally);
        }
        return tally;
    }

    private static void matrix(Repository repository, Repository other, Caller caller, Probe probe, Tally tally) {
        boolean missingFirst = false;
        for (Thing thing : things(repository, other)) {
            for (String method : List.of("GET", "HEAD")) {
                if (caller.mayRead(repository.group())) {
                    insider(method, repository.name(), thing, caller, probe, tally);
                } else {
                    stranger(method, repository.name(), thing, caller, probe, tally, missingFirst);
                    missingFirst = !missingFirst; // Whatever comes second finds warmer caches.
                }
            }
        }
    }

    private static void stranger(
            String method, String name, Thing thing, Caller caller, Probe probe, Tally tally, boolean missingFirst) {
        String nowhere = name.replace("/r", "/n");
        String there = "/v2/" + name + thing.path();
        String notThere = "/v2/" + nowhere + thing.path();
        Probe.Seen first = probe.ask(method, missingFirst ? notThere : there, caller);
        Probe.Seen second = probe.ask(method, missingFirst ? there : notThere, caller);
        tally.call(first.status() == 200);
        tally.call(second.status() == 200);
        Probe.Seen existing = missingFirst ? second : first;
        Probe.Seen missing = missingFirst ? first : second;
        String what = method + " " + there + " as " + caller;
        if (existing.status() < 400) {
            tally.leak(what + ": " + existing.status());
        }
        same(what, existing.shape(name, "N"), missing.shape(nowhere, "N"), tally);
        tally.times(existing.nanos(), missing.nanos());
    }

    /** What may be read is served, which shows that the rest is not closed for some other reason. */
    private static void insider(String method, String name, Thing thing, Caller caller, Probe probe, Tally tally) {
        Probe.Seen seen = probe.ask(method, "/v2/" + name + thing.path(), caller);
        tally.call(seen.status() == 200);
        String what = method + " " + name + thing.path() + " as " + caller;
        if (thing.inside() != (seen.status() == 200)) {
            tally.leak(what + ": " + seen.status() + " " + seen.body());
        }
        if (!thing.inside() && !thing.digest().isEmpty()) {
            String unknown = thing.path().replace(thing.digest(), UNKNOWN.toString());
            Probe.Seen missing = probe.ask(method, "/v2/" + name + unknown, caller);
            tally.call(missing.status() == 200);
            same(what, seen.shape(thing.digest(), "D"), missing.shape(UNKNOWN.toString(), "D"), tally);
        }
    }

    private static void same(String what, String existing, String missing, Tally tally) {
        if (!existing.equals(missing)) {
            tally.leak(what + ": " + existing + " but " + missing);
        }
    }

    private static List<Thing> things(Repository repository, Repository other) {
        List<Thing> things = new ArrayList<>();
        things.add(new Thing("/manifests/v1", true, ""));
        things.add(new Thing("/manifests/nosuch", false, ""));
        things.add(new Thing("/tags/list", true, ""));
        things.add(thing("/manifests/", repository.variant().digest(), true));
        things.add(thing("/manifests/", repository.stored(), true));
        things.add(thing("/manifests/", other.variant().digest(), false));
        things.add(thing("/manifests/", other.stored(), false));
        things.add(thing("/referrers/", repository.stored(), false)); // The registry of this test knows no such route.
        things.add(thing("/blobs/", repository.config(), true));
        things.add(thing("/blobs/", repository.layer(), true));
        things.add(thing("/blobs/", Digest.EMPTY_LAYER, true));
        things.add(thing("/blobs/", other.config(), false));
        things.add(thing("/blobs/", other.layer(), false));
        return things;
    }

    private static Thing thing(String route, Digest digest, boolean inside) {
        return new Thing(route + digest, inside, digest.toString());
    }

    /** Of the other group: no caller may read both. */
    private static Repository other(PrivateRegistry registry, Repository repository) {
        List<Repository> all = registry.repositories();
        return all.get((all.indexOf(repository) + 1) % all.size());
    }

    private static void catalog(String mode, PrivateRegistry registry, Caller caller, Probe probe, Tally tally) {
        for (String query : List.of("", "?n=1000000", "?n=3", "?n=3&last=alpha/r00", "?last=beta/r01")) {
            Probe.Seen seen = probe.ask("GET", "/v2/_catalog" + query, caller);
            tally.call(seen.status() == 200);
            for (Repository repository : registry.repositories()) {
                boolean named = (seen.body() + seen.headers()).contains(repository.name());
                boolean delegatedToTheRegistry = mode.equals("upstream") && seen.status() == 200;
                if (named && !delegatedToTheRegistry && !caller.mayRead(repository.group())) {
                    tally.leak("catalog" + query + " names " + repository.name() + " to " + caller);
                }
            }
            boolean whole = query.isEmpty() && !caller.groups().isEmpty();
            String first =
                    caller.groups().isEmpty() ? "" : caller.groups().iterator().next() + "/r0";
            if (whole && !seen.body().contains(first)) {
                tally.leak("catalog does not name " + first + " to " + caller + ": " + seen.status() + seen.body());
            }
        }
    }

    private static void awaitVariants(PrivateRegistry registry, List<Caller> callers, Probe probe) {
        Repository last = registry.repositories().get(0);
        Caller member = callers.stream()
                .filter(c -> c.mayRead(last.group()))
                .findFirst()
                .orElseThrow();
        Awaitility.await()
                .untilAsserted(() -> assertThat(registry.repositories().stream()
                                .filter(r -> member.mayRead(r.group()))
                                .allMatch(r -> probe.ask("GET", "/v2/" + r.name() + "/manifests/v1", member)
                                        .body()
                                        .equals(r.variant().content())))
                        .isTrue());
    }

    private static String[] settings(String mode, PrivateRegistry registry, Path folder) throws Exception {
        List<String> settings = new ArrayList<>(List.of("serving.auth", mode));
        settings.addAll(List.of("registry.username", PrivateRegistry.OWN_USER));
        settings.addAll(List.of("registry.password", PrivateRegistry.OWN_PASSWORD));
        settings.addAll(List.of("registry.realms", registry.realm().getAuthority()));
        switch (mode) {
            case "htpasswd" -> {
                String users = line("member", "secret-m") + line("other", "secret-o") + line("idle", "secret-i");
                Path file = Files.writeString(folder.resolve("users"), users);
                Path access = Files.writeString(folder.resolve("access"), "member alpha/*\nother beta/*\n");
                settings.addAll(List.of("serving.htpasswd.file", file.toString()));
                settings.addAll(List.of("serving.htpasswd.access", access.toString()));
            }
            case "token" -> {
                settings.addAll(List.of("serving.token.realm", "https://auth.test/token"));
                settings.addAll(List.of("serving.token.service", PrivateRegistry.SERVICE));
                settings.addAll(List.of("serving.token.issuer", PrivateRegistry.ISSUER));
                settings.addAll(
                        List.of("serving.token.keys", registry.certificate().toString()));
            }
            case "open" -> settings.addAll(List.of("serving.open.repositories", "alpha/*"));
            default -> {
                // Mode upstream has no settings of its own, and must not use Precast's account.
            }
        }
        return settings.toArray(String[]::new);
    }

    private static List<Caller> callers(String mode, PrivateRegistry registry) {
        return switch (mode) {
            case "htpasswd" ->
                List.of(
                        new Caller("anonymous", null, Set.of()),
                        new Caller("wrong password", basic("member", "wrong"), Set.of()),
                        new Caller("unknown user", basic("nobody", "secret-m"), Set.of()),
                        new Caller("user without rights", basic("idle", "secret-i"), Set.of()),
                        new Caller("user of another group", basic("other", "secret-o"), BETA),
                        new Caller("member", basic("member", "secret-m"), ALPHA),
                        new Caller("token", "Bearer " + registry.token(registry.names("alpha"), "pull"), Set.of()));
            case "open" ->
                List.of(
                        new Caller("anonymous", null, ALPHA),
                        new Caller("somebody", basic("member", "secret-m"), ALPHA),
                        new Caller(
                                "Precast's own account",
                                basic(PrivateRegistry.OWN_USER, PrivateRegistry.OWN_PASSWORD),
                                ALPHA));
            default ->
                List.of(
                        new Caller("anonymous", null, Set.of()),
                        new Caller("wrong password", basic("member", "wrong"), Set.of()),
                        new Caller("no token", "Bearer abc", Set.of()),
                        new Caller(
                                "expired token", "Bearer " + registry.expiredToken(registry.names("alpha")), Set.of()),
                        new Caller("forged token", "Bearer " + registry.forgedToken(registry.names("alpha")), Set.of()),
                        new Caller(
                                "token of another group",
                                "Bearer " + registry.token(registry.names("beta"), "pull"),
                                BETA),
                        new Caller("member", "Bearer " + registry.token(registry.names("alpha"), "pull"), ALPHA));
        };
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    }

    private static String line(String user, String password) {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        return user + ":" + OpenBSDBCrypt.generate("2y", password.toCharArray(), salt, 5) + "\n";
    }

    private static String table(Map<String, Tally> tallies) {
        StringBuilder table = new StringBuilder(
                "| mode | calls | served | refused or not found | leaks | refusal, existing | refusal, missing | gap |\n"
                        + "|---|---|---|---|---|---|---|---|\n");
        tallies.forEach((mode, tally) -> table.append(tally.row(mode)));
        return table.toString();
    }

    private static String page(String table) {
        return """
                # What strangers can learn

                Made by `build-bin/leaks` (`LeakMatrixIT`), which asks Precast, in front of a real Docker Distribution with rights for each
                repository, for everything as everybody:

                - %d private repositories in two groups, each with an image and a variant of its own; beside each a name that does not exist;
                - callers: anonymous, wrong password, unknown user, a user or token for other repositories, expired and forged tokens, the
                  wrong kind of credential, and members of each group;
                - `GET` and `HEAD` of manifests by tag and by digest (stored, variant, of another repository), blobs (config, layer, the empty layer,
                  of another repository), tag lists, and the catalog.

                A leak is: an answer below 400 to someone who may not read the repository; any difference in status, headers or body between what exists
                and what does not, but for the name that was asked for; content of another repository given to someone who may read only this one, or
                an answer that differs from that for an unknown digest; a name in the catalog that its reader may not read.
                The times are medians over all refusals, %d callers at once; they are shown, not asserted.

                %s
                Seed %d, %s, JDK %s, %d processors.
                """.formatted(
                        REPOSITORIES,
                        AT_ONCE,
                        table,
                        SEED,
                        LocalDate.now(ZoneOffset.UTC),
                        Runtime.version().feature(),
                        Runtime.getRuntime().availableProcessors());
    }
}
