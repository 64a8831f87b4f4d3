package dev.precast.serving.freshness;

import dev.precast.serving.view.ViewListener;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Requests that wait for a key of the view to change: a bounded number, woken by the view. Thread-safe. */
final class TagWaiters implements ViewListener {
    private static final class Entry {
        final ReentrantLock lock = new ReentrantLock();
        final Condition changed = lock.newCondition();
        long changes;
        /** Guarded by the map. */
        int users;
    }

    private final Semaphore places;
    private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();

    /** @param most requests that wait at the same time */
    TagWaiters(int most) {
        places = new Semaphore(most);
    }

    /** A place to wait for changes of {@code key}; empty when all are taken. */
    Optional<Place> enter(String key) {
        if (!places.tryAcquire()) {
            return Optional.empty();
        }
        Entry entry = entries.compute(key, (k, present) -> {
            Entry used = present == null ? new Entry() : present;
            used.users++;
            return used;
        });
        return Optional.of(new Place(key, entry));
    }

    /** Keys that somebody waits for. */
    int size() {
        return entries.size();
    }

    @Override
    public void changed(Collection<String> keys) {
        if (entries.isEmpty()) {
            return;
        }
        for (String key : keys) {
            Entry entry = entries.get(key);
            if (entry != null) {
                wake(entry);
            }
        }
    }

    @Override
    public void everythingChanged() {
        entries.values().forEach(TagWaiters::wake);
    }

    private static void wake(Entry entry) {
        entry.lock.lock();
        try {
            entry.changes++;
            entry.changed.signalAll();
        } finally {
            entry.lock.unlock();
        }
    }

    /** One request's place. Look at the view between {@link #mark} and {@link #await}: no change between them is missed. */
    final class Place implements AutoCloseable {
        private final String key;
        private final Entry entry;

        private Place(String key, Entry entry) {
            this.key = key;
            this.entry = entry;
        }

        /** How many changes there were. */
        long mark() {
            entry.lock.lock();
            try {
                return entry.changes;
            } finally {
                entry.lock.unlock();
            }
        }

        /** Waits for a change after {@code mark}; false when none came within {@code nanos}. */
        boolean await(long mark, long nanos) throws InterruptedException {
            if (!entry.lock.tryLock(Math.max(0, nanos), TimeUnit.NANOSECONDS)) {
                return false;
            }
            try {
                long left = nanos;
                while (entry.changes == mark) {
                    if (left <= 0) {
                        return false;
                    }
                    left = entry.changed.awaitNanos(left);
                }
                return true;
            } finally {
                entry.lock.unlock();
            }
        }

        @Override
        public void close() {
            entries.computeIfPresent(key, (k, present) -> --present.users == 0 ? null : present);
            places.release();
        }
    }
}
