package dev.precast.serving.view;

import java.util.Collection;

/**
 * Told what changed in the view, after readers see it: for whoever waits for a tag, and for whoever keeps something made from
 * the view. Called by the one thread that feeds the view, which waits meanwhile: return soon and throw nothing.
 */
public interface ViewListener {
    /**
     * Records were applied.
     *
     * @param keys of {@code precast-variants}: {@code repository:tag} and {@code repository@digest}; some may be as they were
     */
    void changed(Collection<String> keys);

    /** Anything may be different: another generation came into force, settings changed, or the view may not be served. */
    void everythingChanged();
}
