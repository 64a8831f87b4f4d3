package dev.precast.schemas.net;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Which addresses are on the public internet, by IANA's registries of special-purpose addresses (RFC 6890) where {@link InetAddress} does
 * not know them: nobody's word but the operator's leads to this machine, its network or its cloud's metadata.
 */
public final class PublicAddresses {
    private PublicAddresses() {}

    public static boolean isPublic(InetAddress address) {
        if (address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        return address instanceof Inet4Address ? isPublic4(bytes) : address instanceof Inet6Address && isPublic6(bytes);
    }

    private static boolean isPublic4(byte[] bytes) {
        int first = bytes[0] & 0xFF;
        int second = bytes[1] & 0xFF;
        boolean carrierGrade = first == 100 && (second & 0xC0) == 64; // RFC 6598
        boolean protocols = first == 192 && second == 0 && bytes[2] == 0; // RFC 6890 §2.2.2
        boolean benchmarks = first == 198 && (second & 0xFE) == 18; // RFC 2544
        return first != 0 && first < 240 && !carrierGrade && !protocols && !benchmarks;
    }

    /**
     * Global unicast only (RFC 4291 §2.4): neither unique local (RFC 4193) nor NAT64 (RFC 6052, RFC 8215). Of that not the prefixes
     * that wrap an IPv4 address, 6to4 (RFC 3056) and Teredo (RFC 4380).
     */
    private static boolean isPublic6(byte[] bytes) {
        boolean globalUnicast = (bytes[0] & 0xE0) == 0x20;
        boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02;
        boolean teredo = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0;
        return globalUnicast && !sixToFour && !teredo;
    }
}
