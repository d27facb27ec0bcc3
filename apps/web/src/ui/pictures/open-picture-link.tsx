/** A link to a picture at its host; whoever follows it chooses to be seen there. */
export function OpenPictureLink({ url }: { url: string }) {
  return (
    <a href={url} rel="ugc nofollow noopener noreferrer" target="_blank">
      Open picture on {URL.parse(url)?.host ?? "another site"}
    </a>
  );
}
