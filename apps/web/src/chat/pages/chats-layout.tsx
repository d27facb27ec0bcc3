import { Outlet, useMatch } from "react-router";
import { ChatSidebar } from "../components/chat-sidebar.tsx";

/** The list beside the conversation; on a phone only one of them. */
export function ChatsLayout() {
  const isList = useMatch("/chats") !== null;
  return (
    <div className="grid h-full grid-rows-1 md:grid-cols-[19rem_1fr] lg:grid-cols-[22rem_1fr]">
      <div className={`min-h-0 min-w-0 border-line md:border-e ${isList ? "" : "max-md:hidden"}`}>
        <ChatSidebar isOnly={isList} />
      </div>
      <div className={`min-h-0 min-w-0 ${isList ? "max-md:hidden" : ""}`}>
        <Outlet />
      </div>
    </div>
  );
}
