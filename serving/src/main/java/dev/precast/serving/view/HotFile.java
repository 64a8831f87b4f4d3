package dev.precast.serving.view;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Values under keys in one file of bounded size, of which any may be gone at any time: the newest takes the place of the oldest.
 * The file has no name and ends with the process; what of it is read often, the operating system keeps in memory, outside of
 * ours. In memory it takes eight bytes for each value.
 *
 * <p>A record is: CRC-32C of what follows (4 bytes); its length without padding (4); length of the key (4); zero (4); where it was
 * meant to lie (8); stamp (8); key; value; padding to whole units. Whoever reads checks all of it, so that nothing is ever given
 * out that was damaged on the disk, that was overwritten meanwhile, or that is another key's. Thread-safe: reading waits for
 * nobody, writers for each other.
 */
final class HotFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HotFile.class);
    /** Bytes; records begin at multiples of it, so that a place fits into 32 bits. */
    private static final int UNIT = 64;

    private static final int HEADER = 32;
    /** Bytes of a record up to which it is read into the thread's own buffer. */
    private static final int SHARED_BUFFER = 32 << 10;
    /** Places that a key may have: one line of the processor's cache. */
    private static final int WAYS = 8;
    /** What the number of places is made for; with smaller values, fewer of them are found again. */
    private static final int BYTES_PER_VALUE = 2_048;

    private static final int MAX_UNITS = 0xFFFF;
    private static final int MAX_BUCKETS = 1 << 25;

    private final FileChannel channel;
    /** Units. */
    private final long capacity;
    /** Of each value 16 bits of its key's hash, 16 of its length and 32 of its place, both in units; 0: none. */
    private final AtomicLongArray slots;

    private final int bucketMask;

    @SuppressWarnings("ThreadLocalUsage") // A process has one of these, or none.
    private final ThreadLocal<ByteBuffer> buffers =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(SHARED_BUFFER));

    private final Object writing = new Object();
    /** Units ever claimed, overwritten ones included; moved on before a byte is written. */
    private volatile long end;

    private volatile boolean usable = true;
    /** The disk is wanted for other things. */
    private volatile boolean crowded;

    /**
     * @param channel of an empty file, which is this object's from now on
     * @param bytes that may be written to it
     */
    HotFile(FileChannel channel, long bytes) {
        this.channel = channel;
        this.capacity = Math.min(bytes / UNIT, 1L << 32);
        long buckets = Math.min(MAX_BUCKETS, Math.max(1, bytes / BYTES_PER_VALUE / WAYS));
        int powerOfTwo = Integer.highestOneBit((int) buckets);
        this.slots = new AtomicLongArray(powerOfTwo * WAYS);
        this.bucketMask = powerOfTwo - 1;
    }

    /**
     * An empty one.
     *
     * @param folder that exists, on the disk that takes the bytes
     * @param bytes that it may take there
     */
    static HotFile open(Path folder, long bytes) throws IOException {
        Path name = folder.resolve("hot");
        Files.deleteIfExists(name);
        FileChannel channel = FileChannel.open(
                name,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
        return new HotFile(channel, bytes);
    }

    /**
     * The value that was put under the key with this stamp; absent when there is none any more. Good until the same thread asks
     * again, unless it calls {@link #detach} before.
     */
    @Nullable
    ByteBuffer get(byte[] key, long stamp) {
        long hash = hash(key);
        int first = bucket(hash);
        for (int i = first; i < first + WAYS; i++) {
            long slot = slots.get(i);
            if (slot != 0 && mark(slot) == mark(hash)) {
                ByteBuffer value = read(slot, key, stamp);
                if (value != null) {
                    return value;
                }
            }
        }
        return null;
    }

    /** Whether it takes values: the disk has not failed, and has enough room. */
    boolean usable() {
        return usable && !crowded;
    }

    /** From now on it takes values only if the disk has enough room; on one that is full it gives up what it has. */
    void room(DiskSpace.Level level) {
        crowded = level != DiskSpace.Level.ENOUGH;
        if (level == DiskSpace.Level.STOP) {
            forget();
        }
    }

    private void forget() {
        synchronized (writing) {
            try {
                if (usable && channel.size() > 0) {
                    for (int i = 0; i < slots.length(); i++) {
                        slots.set(i, 0);
                    }
                    channel.truncate(0); // Whoever reads meanwhile finds nothing, or what no checksum is right for.
                    LOG.warn("What was read from the view is forgotten, so that its file takes no room.");
                }
            } catch (IOException e) {
                usable = false;
                LOG.warn("What was read from the view is not kept in a file any more: {}", e.toString());
            }
        }
    }

    /** What this thread got last stays as it is for good. */
    void detach() {
        buffers.remove();
    }

    /** Keeps the value, if it is not too long and the disk takes it. */
    void put(byte[] key, long stamp, ByteBuffer value) {
        int length = HEADER + key.length + value.remaining();
        int units = (length + UNIT - 1) / UNIT;
        if (!usable() || units > Math.min(MAX_UNITS, capacity)) {
            return;
        }
        ByteBuffer record = ByteBuffer.allocate(units * UNIT)
                .putInt(4, length)
                .putInt(8, key.length)
                .putLong(24, stamp)
                .put(HEADER, key)
                .put(HEADER + key.length, value, value.position(), value.remaining());
        synchronized (writing) {
            long at = end;
            if (at % capacity + units > capacity) {
                at += capacity - at % capacity; // Not around the end of the file.
            }
            end = at + units;
            record.putLong(16, at);
            record.putInt(0, checksum(record, length));
            write(record, at, hash(key), units);
        }
    }

    private void write(ByteBuffer record, long at, long hash, int units) {
        long place = at % capacity;
        try {
            while (record.hasRemaining()) {
                int written = channel.write(record, place * UNIT + record.position());
                if (written <= 0) {
                    throw new IOException("nothing was written");
                }
            }
            slots.set(slotFor(hash), mark(hash) << 48 | (long) units << 32 | place);
        } catch (IOException e) {
            if (usable) {
                usable = false;
                LOG.warn("What was read from the view is not kept in a file any more: {}", e.toString());
            }
        }
    }

    /** The place of the same mark, else a free one, else the one whose value was written first. */
    private int slotFor(long hash) {
        int first = bucket(hash);
        int free = -1;
        int oldest = first;
        long greatestAge = -1;
        for (int i = first; i < first + WAYS; i++) {
            long slot = slots.get(i);
            if (slot == 0) {
                free = i;
            } else if (mark(slot) == mark(hash)) {
                return i;
            } else {
                long age = Math.floorMod(end - place(slot), capacity);
                if (age > greatestAge) {
                    greatestAge = age;
                    oldest = i;
                }
            }
        }
        return free >= 0 ? free : oldest;
    }

    private @Nullable ByteBuffer read(long slot, byte[] key, long stamp) {
        int bytes = length(slot) * UNIT;
        ByteBuffer record = bytes <= SHARED_BUFFER ? buffers.get().clear().limit(bytes) : ByteBuffer.allocate(bytes);
        try {
            if (channel.read(record, place(slot) * UNIT) < HEADER) {
                return null;
            }
        } catch (IOException e) {
            usable = false; // Closed, or the disk is broken; the view has it too.
            return null;
        }
        int length = record.getInt(4);
        int keyLength = record.getInt(8);
        if (length < HEADER || length > record.position() || checksum(record, length) != record.getInt(0)) {
            return null;
        }
        long at = record.getLong(16);
        int from = HEADER + keyLength;
        boolean wanted = at % capacity == place(slot)
                && end - at <= capacity
                && record.getLong(24) == stamp
                && keyLength == key.length
                && record.slice(HEADER, keyLength).mismatch(ByteBuffer.wrap(key)) < 0;
        return wanted ? record.limit(length).position(from).slice() : null;
    }

    private static int checksum(ByteBuffer record, int length) {
        CRC32C sum = new CRC32C();
        sum.update(record.duplicate().limit(length).position(4));
        return (int) sum.getValue();
    }

    private int bucket(long hash) {
        return ((int) hash & bucketMask) * WAYS;
    }

    private static long mark(long hashOrSlot) {
        return hashOrSlot >>> 48;
    }

    private static int length(long slot) {
        return (int) (slot >>> 32) & MAX_UNITS;
    }

    private static long place(long slot) {
        return slot & 0xFFFF_FFFFL;
    }

    /** Spreads keys; that they can be made to meet on purpose costs only that the file forgets them. */
    private static long hash(byte[] key) {
        long hash = 0x9E3779B97F4A7C15L;
        for (byte b : key) {
            hash = (hash ^ b) * 0xFF51AFD7ED558CCDL;
        }
        hash ^= hash >>> 32;
        return hash * 0xC4CEB9FE1A85EC53L;
    }

    @Override
    public void close() throws IOException {
        usable = false;
        channel.close();
    }
}
