package dev.precast.serving.server;

import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.function.Consumer;

/**
 * Looks at each of many things once in a while, at a few of them at a time: what is found at one moment is dealt with at that moment,
 * and a hundred connections closed at once are felt by everyone else. One thread only; the things come and go as they like.
 */
public final class Rounds<T> {
    private final Collection<T> all;
    private final int steps;
    private Iterator<T> rest = Collections.emptyIterator();

    /**
     * @param all with an iterator that does not mind changes
     * @param steps of which a round is made, unless there are fewer things
     */
    public Rounds(Collection<T> all, int steps) {
        this.all = all;
        this.steps = steps;
    }

    /** The next step: at least one of those that are there, in the order of the collection, from its start again after its end. */
    public void step(Consumer<? super T> look) {
        if (!rest.hasNext()) {
            rest = all.iterator();
        }
        int some = (all.size() + steps - 1) / steps;
        for (int i = 0; i < some && rest.hasNext(); i++) {
            look.accept(rest.next());
        }
    }
}
