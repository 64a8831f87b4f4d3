package dev.precast.launcher.layout;

import dev.precast.schemas.image.Reference;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns changes of a layout's {@code index.json} into hints: at the start one for every tag, later one for each that is new,
 * moved or gone. A hint that ingest did not take is posted again at the next round; a tag whose manifest is missing or broken waits until it
 * is whole. The file is looked at by its name, so one that is put in its place by a rename is seen too.
 */
public final class LayoutWatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LayoutWatcher.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final OciLayout layout;
    private final HintPoster poster;
    private final BiFunction<Reference, LayoutIndex.Entry, Optional<String>> faults;
    private final Map<Reference, LayoutIndex.Entry> posted = new HashMap<>();
    private final Set<String> said = new HashSet<>();
    private final Thread thread;

    public LayoutWatcher(OciLayout layout, HintPoster poster) {
        this(layout, poster, layout::fault);
    }

    /** @param faults why a tag cannot be read yet; empty when it can */
    LayoutWatcher(
            OciLayout layout, HintPoster poster, BiFunction<Reference, LayoutIndex.Entry, Optional<String>> faults) {
        this.layout = layout;
        this.poster = poster;
        this.faults = faults;
        this.thread = new Thread(this::watch, "layout-watcher");
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void watch() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    layout.check();
                    round(layout.index());
                } catch (LayoutException e) {
                    sayOnce(String.valueOf(e.getMessage()));
                } catch (RuntimeException e) {
                    LOG.warn("The layout {} was not looked at this time", layout.directory(), e);
                }
                TimeUnit.NANOSECONDS.sleep(INTERVAL.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Posts what differs from what was posted. */
    void round(LayoutIndex index) throws InterruptedException {
        index.passedOver().forEach(this::sayOnce);
        for (Map.Entry<Reference, LayoutIndex.Entry> tag : index.tags().entrySet()) {
            if (tag.getValue().equals(posted.get(tag.getKey()))) {
                continue;
            }
            Optional<String> fault = faults.apply(tag.getKey(), tag.getValue());
            fault.ifPresent(this::sayOnce);
            if (fault.isEmpty() && poster.post(tag.getKey(), tag.getValue().digest())) {
                posted.put(tag.getKey(), tag.getValue());
            }
        }
        for (Reference reference : Set.copyOf(posted.keySet())) {
            if (!index.tags().containsKey(reference) && poster.post(reference, null)) {
                posted.remove(reference);
            }
        }
    }

    private void sayOnce(String sentence) {
        if (said.add(sentence)) {
            LOG.warn("{}", sentence);
        }
    }
}
