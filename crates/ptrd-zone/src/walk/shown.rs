//! What a walk lends: an RRset at its owner, and where its data comes from.

use crate::companion::NamedAddresses;
use crate::named::Computed;
use crate::names::RrSetRef;
use crate::page::PtrRef;
use ptrd_wire::{Name, RecordType, RrSet, Ttl};
use std::net::IpAddr;

/// An RRset without its owner.
#[derive(Clone, Copy)]
pub(crate) struct Part<'z> {
    pub(crate) rtype: RecordType,
    pub(crate) ttl: Ttl,
    pub(crate) data: Data<'z>,
}

/// An RRset, lent by a [`crate::Walk`].
#[derive(Clone, Copy)]
pub struct Shown<'w> {
    pub(super) owner: &'w [u8],
    pub(super) is_first: bool,
    pub(super) part: Part<'w>,
}

/// Where an RRset comes from, and its data.
#[derive(Clone, Copy)]
pub enum Data<'w> {
    /// The zone's own records.
    Own(RrSetRef<'w>),
    /// The addresses that follow at a name from PTRs.
    Forward(RrSetRef<'w>),
    /// The addresses that templates give a name.
    Named(NamedAddresses<'w>),
    /// The NS set that the zone references.
    Given(RrSetRef<'w>),
    /// A derived cut, or its glue.
    Cut(&'w RrSet),
    /// The PTRs of an address.
    Ptr(PtrRef<'w>),
    /// The PTR that a template gives an address.
    Computed(Computed<'w>),
    /// What of the zone is no record of its own, told as such.
    Stated(&'w [Box<[u8]>]),
    /// A CNAME to this label, in wire form, below this apex (RFC 2317 §4).
    Alias(&'w [u8], &'w Name),
}

impl<'w> Data<'w> {
    /// See [`Shown::try_each_rdata`].
    #[inline]
    pub(crate) fn try_each<E>(&self, mut each: impl FnMut(&[u8], &[u8]) -> Result<(), E>) -> Result<(), E> {
        match *self {
            Data::Own(rrset) | Data::Forward(rrset) | Data::Given(rrset) => {
                rrset.rdatas().try_for_each(|rdata| each(rdata, &[]))
            }
            Data::Named(named) => named.iter().try_for_each(|(address, _)| match address {
                IpAddr::V4(address) => each(&address.octets(), &[]),
                IpAddr::V6(address) => each(&address.octets(), &[]),
            }),
            Data::Cut(rrset) => rrset.rdatas.iter().try_for_each(|rdata| each(rdata, &[])),
            Data::Ptr(ptr) => ptr.targets().try_for_each(|target| each(target.head, target.ending)),
            Data::Computed(computed) => {
                let mut octets = [0; 255];
                let length = computed.write(&mut octets);
                let (head, rest) = octets[..length].split_at(usize::from(octets[0]) + 1);
                each(head, rest)
            }
            Data::Stated(statements) => statements.iter().try_for_each(|rdata| each(rdata, &[])),
            Data::Alias(label, apex) => each(label, apex.as_wire()),
        }
    }
}

impl<'w> Shown<'w> {
    /// The owner in wire form.
    #[inline]
    pub fn owner(&self) -> &'w [u8] {
        self.owner
    }

    /// Whether the walk shows nothing of this owner before it.
    #[inline]
    pub fn is_first(&self) -> bool {
        self.is_first
    }

    /// The type.
    #[inline]
    pub fn rtype(&self) -> RecordType {
        self.part.rtype
    }

    /// The TTL.
    #[inline]
    pub fn ttl(&self) -> Ttl {
        self.part.ttl
    }

    /// Where the data comes from.
    #[inline]
    pub fn data(&self) -> Data<'w> {
        self.part.data
    }

    /// Whether it follows from something else, and is not among the zone's own records.
    pub fn is_derived(&self) -> bool {
        !matches!(self.part.data, Data::Own(_))
    }

    /// Calls `each` for the data of each record, in two parts that follow each other, until one fails.
    ///
    /// # Errors
    /// That of `each`.
    #[inline]
    pub fn try_each_rdata<E>(&self, mut each: impl FnMut(&[u8], &[u8]) -> Result<(), E>) -> Result<(), E> {
        self.part.data.try_each(&mut each)
    }

    /// The owner as a name of its own.
    pub fn name(&self) -> Name {
        Name::from_wire(self.owner).unwrap_or_else(|_| Name::root())
    }

    /// An owned copy.
    pub fn to_rrset(&self) -> RrSet {
        let mut rrset = RrSet { rtype: self.part.rtype, ttl: self.part.ttl, rdatas: Vec::new() };
        let copied = self.try_each_rdata(|head, ending| {
            rrset.rdatas.push([head, ending].concat().into());
            Ok::<(), std::convert::Infallible>(())
        });
        let Ok(()) = copied;
        rrset
    }
}
