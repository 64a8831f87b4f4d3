package dev.precast.serving.view;

import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.Images;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.rocksdb.RocksDBException;

/** A view full of made-up tags, without Kafka. */
public final class FilledView {
    /** Tags of one repository. */
    public static final int TAGS = 20;

    private static final int BATCH = 500;

    private FilledView() {}

    /**
     * Fills and opens a view of repositories {@code load/r0}, {@code load/r1} …, each with the tags {@code t0} to {@code t19}.
     *
     * @param tags how many in all
     * @param bytes about the size of each manifest
     */
    public static ManifestView open(Path directory, int tags, int bytes, long cacheBytes, long seed)
            throws IOException, RocksDBException {
        ManifestView view = new ManifestView(directory, cacheBytes, Duration.ZERO, System::nanoTime, Shard.WHOLE);
        view.open();
        Random random = new Random(seed);
        List<ViewChange> changes = new ArrayList<>();
        changes.add(new ViewChange.PutSettings("load/*", new RepositorySettings(true, List.of())));
        for (int i = 0; i < tags; i++) {
            put(changes, "load/r" + i / TAGS, "t" + i % TAGS, bytes, random);
            if (changes.size() >= BATCH) {
                view.current().apply(changes, Map.of());
                changes.clear();
            }
        }
        view.current().apply(changes, Map.of());
        view.current().settle();
        view.markFull(System.nanoTime());
        return view;
    }

    private static void put(List<ViewChange> changes, String repository, String tag, int bytes, Random random) {
        byte[] noise = new byte[Math.max(1, (bytes - 400) / 2)];
        random.nextBytes(noise);
        VariantManifest manifest =
                Images.schema1(repository, tag + HexFormat.of().formatHex(noise));
        TagOffers offers = Images.offers(repository, tag, 1, MediaTypes.SCHEMA2, manifest);
        changes.add(new ViewChange.PutManifest(RecordKeys.digest(repository, manifest.digest()), 1, manifest));
        changes.add(new ViewChange.PutOffers(RecordKeys.tag(repository, tag), 1, offers));
    }
}
