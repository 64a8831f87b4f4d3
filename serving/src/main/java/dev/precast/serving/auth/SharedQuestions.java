package dev.precast.serving.auth;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/** Lets those who ask the same at the same time share one answer. Thread-safe. */
public final class SharedQuestions<K, V> {
    private final ConcurrentMap<K, CompletableFuture<V>> asking = new ConcurrentHashMap<>();

    /**
     * The answer of {@code question}, or of the same question that somebody is asking already.
     *
     * @param question has to end in bounded time
     * @param onFailure what those hear who wait while {@code question} throws; the caller itself gets the exception
     */
    public V ask(K key, V onFailure, Supplier<V> question) {
        CompletableFuture<V> mine = new CompletableFuture<>();
        CompletableFuture<V> other = asking.putIfAbsent(key, mine);
        if (other != null) {
            return other.join();
        }
        V answer = onFailure;
        try {
            answer = question.get();
            return answer;
        } finally {
            asking.remove(key, mine);
            mine.complete(answer);
        }
    }
}
