package dev.precast.ingest.resolver;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Work in lanes, one per repository: lanes take turns, and of each at most so many are under way. So a repository with a thousand
 * tags to read delays another's single one by one reading, not by a thousand. Not thread-safe.
 *
 * @param <T> a piece of work
 */
final class FairLanes<T> {
    private static final class Lane<T> {
        private final Deque<T> waiting = new ArrayDeque<>();
        private int running;
    }

    private final int perLane;
    private final Map<String, Lane<T>> lanes = new HashMap<>();
    /** Lanes with something waiting and room to run, the next to serve first. */
    private final Set<String> eligible = new LinkedHashSet<>();

    FairLanes(int perLane) {
        this.perLane = perLane;
    }

    void add(String lane, T work) {
        lanes.computeIfAbsent(lane, name -> new Lane<>()).waiting.add(work);
        settle(lane);
    }

    /** The next piece, which then counts as running; null when nothing may run. */
    @Nullable
    T take() {
        Iterator<String> next = eligible.iterator();
        if (!next.hasNext()) {
            return null;
        }
        String name = next.next();
        next.remove(); // To the end of the turn order, if it has more.
        Lane<T> lane = Objects.requireNonNull(lanes.get(name));
        T work = lane.waiting.remove();
        lane.running++;
        settle(name);
        return work;
    }

    /** One piece of {@code lane} that was taken is done. */
    void done(String lane) {
        Objects.requireNonNull(lanes.get(lane)).running--;
        settle(lane);
    }

    private void settle(String name) {
        Lane<T> lane = Objects.requireNonNull(lanes.get(name));
        if (lane.waiting.isEmpty()) {
            eligible.remove(name);
            if (lane.running == 0) {
                lanes.remove(name);
            }
        } else if (lane.running < perLane) {
            eligible.add(name);
        } else {
            eligible.remove(name);
        }
    }
}
